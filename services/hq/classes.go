package hq

import (
	"context"
	"strconv"

	"cashier/services/fault"
)

// mostClasses is the longest range Classes looks through: each id is a request.
const mostClasses = 2000

// Class is a class of products that the shop sells.
type Class struct {
	ID       int64
	Name     string // "" if HQ's row could not be read
	Products int64  // how many the shop sells of it
}

// Classes finds the classes with ids in from..to that have products in this
// shop. The contract needs class ids but no action lists them, so each is asked
// for by a page of one row (getlist), one after the other; nothing is changed.
// progress, which may be nil, is called after each id. What was found before a
// fault, or before ctx ended, is returned with it.
//
// Faults: Invalid for a range that starts below 1 (0 means every class) or is
// longer than 2000, and those of Client.
func (c *Client) Classes(ctx context.Context, from, to int64, progress func(done, of int64)) ([]Class, error) {
	if from < 1 || to < from || to-from >= mostClasses {
		return nil, service.Fault(fault.Invalid, "class_range",
			"Class numbers start at 1, and at most {most} can be looked through at a time. Give a first and a last number that are closer.", nil,
			"most", strconv.Itoa(mostClasses))
	}
	var found []Class
	for id := from; ; id++ {
		page, err := c.List(ctx, ListQuery{PageSize: 1, ClassID: id})
		if err != nil {
			return found, err
		}
		if class, ok := classOf(id, page); ok {
			found = append(found, class)
		}
		if progress != nil {
			progress(id-from+1, to-from+1)
		}
		if id == to {
			return found, nil
		}
	}
}

// classOf is the class a page of its first row tells of. A page may lack the
// total, and its row may be unreadable; either alone shows that it is there.
func classOf(id int64, page Page[Product]) (Class, bool) {
	rows := int64(len(page.Data) + len(page.Unreadable))
	class := Class{ID: id, Products: max(int64(page.TotalCount), rows)}
	if len(page.Data) > 0 {
		class.Name = string(page.Data[0].ProductClass)
	}
	return class, class.Products > 0
}
