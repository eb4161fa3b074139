package shopdata

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"cashier/services/money"
)

// Validate reports what is wrong with the shop, at most ten findings at a time.
func (s *Shop) Validate() error {
	p := problems{}
	if s.ShopID <= 0 {
		p.add("shopId must be positive")
	}
	if s.ShopName == "" || s.Tenant == "" {
		p.add("shopName and tenant must not be empty")
	}
	s.checkBranches(&p)
	s.checkStaff(&p)
	s.checkProducts(&p)
	s.checkCards(&p)
	s.checkMembers(&p)
	s.checkWallets(&p)
	return p.err()
}

func (s *Shop) checkBranches(p *problems) {
	ids := map[int64]bool{s.ShopID: true}
	for i, b := range s.Branches {
		if b.ShopID <= 0 || ids[b.ShopID] {
			p.add("branches[%d]: shopId %d is not positive or already taken", i, b.ShopID)
		}
		if b.ShopName == "" {
			p.add("branches[%d]: shopName must not be empty", i)
		}
		ids[b.ShopID] = true
		s.checkBranchPrices(p, i)
	}
}

func (s *Shop) checkBranchPrices(p *problems, branch int) {
	if len(s.Branches[branch].Prices) == 0 {
		return
	}
	free := make(map[int64]bool, len(s.Products)) // products without a price of the branch so far
	for i := range s.Products {
		free[s.Products[i].ProductID] = true
	}
	for i, b := range s.Branches[branch].Prices {
		if !free[b.ProductID] || !amount(b.Price) || !amount(b.MemberPrice) {
			p.add("branches[%d].prices[%d]: productId %d is no product or has a price already, or a price is not from 0 to 100000000.00", branch, i, b.ProductID)
		}
		free[b.ProductID] = false
	}
}

func (s *Shop) checkStaff(p *problems) {
	if len(s.Staff) == 0 {
		p.add("staff: at least one account is needed to log in")
	}
	logins := make(map[string]bool)
	for i, a := range s.Staff {
		if a.Login == "" || a.Password == "" || logins[a.Login] {
			p.add("staff[%d]: login %q is empty, taken, or has no password", i, a.Login)
		}
		logins[a.Login] = true
		switch a.Role {
		case RoleCashier, RoleStaff, RoleManager, RoleOwner:
		default:
			p.add("staff[%d]: role %q is none of cashier, staff, manager, owner", i, a.Role)
		}
	}
}

func (s *Shop) checkProducts(p *problems) {
	classes := make(map[int64]bool, len(s.Classes))
	for i, c := range s.Classes {
		if c.ID <= 0 || c.Name == "" || classes[c.ID] {
			p.add("classes[%d]: id %d is not positive, taken, or has no name", i, c.ID)
		}
		classes[c.ID] = true
	}
	ids := make(map[int64]bool, len(s.Products))
	for i := range s.Products {
		q := &s.Products[i]
		if q.ProductID <= 0 || ids[q.ProductID] {
			p.add("products[%d]: productId %d is not positive or already taken", i, q.ProductID)
		}
		ids[q.ProductID] = true
		if err := q.validate(classes); err != nil {
			p.add("products[%d] (productId %d): %v", i, q.ProductID, err)
		}
	}
}

func (q *Product) validate(classes map[int64]bool) error {
	switch {
	case q.ProductName == "":
		return errors.New("productName must not be empty")
	case !classes[q.ClassID]:
		return fmt.Errorf("classId %d is not in classes", q.ClassID)
	case !amount(q.Price) || !amount(q.MemberPrice):
		return errors.New("price and memberPrice must be from 0 to 100000000.00")
	case q.PricingType.Name() == "":
		return fmt.Errorf("pricingType %d is none of 0, 1, 2", q.PricingType)
	}
	for _, img := range q.Images {
		if !strings.HasPrefix(img, "pictures/") || !fs.ValidPath(img) {
			return fmt.Errorf("image %q is not a path below pictures/", img)
		}
	}
	return nil
}

func (s *Shop) checkCards(p *problems) {
	nos := make(map[string]bool)
	for i, c := range s.TimesCards {
		if c.CardNo == "" || nos[c.CardNo] || c.Remaining < 0 {
			p.add("timesCards[%d]: cardNo %q is empty or taken, or remaining is negative", i, c.CardNo)
		}
		nos[c.CardNo] = true
		if _, err := c.Expires(); err != nil {
			p.add("timesCards[%d]: endDate %q is not like 2027-12-31 23:59:59", i, c.EndDate)
		}
	}
}

func (s *Shop) checkMembers(p *problems) {
	ids, coupons, codes := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for i, m := range s.Members {
		if m.CustomerID == "" || ids[m.CustomerID] {
			p.add("members[%d]: customerId %q is empty or taken", i, m.CustomerID)
		}
		ids[m.CustomerID] = true
		if !amount(m.Recharge) || !amount(m.Gift) || m.Points < 0 {
			p.add("members[%d]: recharge, gift and points must not be negative", i)
		}
		for j, c := range m.Coupons {
			if c.CardID == "" || coupons[c.CardID] || codes[c.ScanCode()] || !amount(c.Amount) {
				p.add("members[%d].coupons[%d]: cardId or code %q is empty or taken, or the amount is negative", i, j, c.CardID)
			}
			coupons[c.CardID], codes[c.ScanCode()] = true, true
		}
	}
}

func (s *Shop) checkWallets(p *problems) {
	ids := make(map[string]bool)
	for i, w := range s.Wallets {
		if len(w.ID) != 4 || strings.Trim(w.ID, "0123456789") != "" || ids[w.ID] {
			p.add("wallets[%d]: id %q is not four digits or already taken", i, w.ID)
		}
		ids[w.ID] = true
		if !amount(w.Balance) {
			p.add("wallets[%d]: balance must not be negative", i)
		}
	}
}

func amount(f money.Fen) bool { return f >= 0 && f <= money.MaxFen }

// problems collects findings; the first ten are enough to mend a file by.
type problems struct {
	found []error
	more  int
}

func (p *problems) add(format string, args ...any) {
	if len(p.found) == 10 {
		p.more++
		return
	}
	p.found = append(p.found, fmt.Errorf(File+": "+format, args...))
}

func (p *problems) err() error {
	if p.more > 0 {
		p.found = append(p.found, fmt.Errorf("and %d more", p.more))
		p.more = 0
	}
	return errors.Join(p.found...)
}
