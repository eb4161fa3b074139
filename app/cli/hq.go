package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/pricing"
)

// ids collects a numeric flag given several times or with commas.
type ids []int64

func (n *ids) String() string { return fmt.Sprint([]int64(*n)) }

func (n *ids) Set(v string) error {
	for one := range strings.SplitSeq(v, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(one), 10, 64)
		if err != nil || id <= 0 {
			return fmt.Errorf("%q is no id", one)
		}
		if !slices.Contains(*n, id) {
			*n = append(*n, id)
		}
	}
	return nil
}

// asHQ opens the till for a person with the right, and the client of HQ.
func (c *call) asHQ(ctx context.Context, r access.Right) (*app.Till, *hq.Client, error) {
	t, err := c.write(ctx)
	if err != nil {
		return nil, nil, err
	}
	client, err := t.HQ()
	if err == nil {
		err = t.Actor().Demand(r)
	}
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, client, nil
}

func (c *call) readHQ(ctx context.Context) (*app.Till, *hq.Client, error) {
	t, err := c.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	client, err := t.HQ()
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, client, nil
}

func productAdd(ctx context.Context, c *call) (int, error) {
	set := newFlags("product add")
	var products, shops ids
	set.Var(&products, "product", "")
	set.Var(&shops, "shop", "")
	class := set.String("class", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if (len(products) == 0) == (*class == "") {
		return 0, usage("product add takes --product ID … or --class ID, one of the two")
	}
	t, shelves, err := c.shelves(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if len(shops) == 0 {
		shops = ids{t.Settings.Int("hq.shop_id")}
	}
	what := fmt.Sprintf("products %v", products)
	if *class == "" {
		err = shelves.Add(ctx, t.Actor(), shops, products)
	} else {
		var id int64
		if id, err = classID(t, *class); err == nil {
			what, err = fmt.Sprintf("class %d", id), shelves.AddClass(ctx, t.Actor(), shops, id)
		}
	}
	if err != nil {
		return 0, err
	}
	return c.did("added", fmt.Sprintf("%s to shops %v; `cashierctl sync` brings them to this till", what, shops))
}

// shelves opens the till for whoever may say what is on sale.
func (c *call) shelves(ctx context.Context) (*app.Till, pricing.Assortment, error) {
	t, _, err := c.asHQ(ctx, access.Prices)
	if err != nil {
		return nil, pricing.Assortment{}, err
	}
	a, err := t.Assortment()
	if err != nil {
		t.Close()
	}
	return t, a, err
}

func productRemove(ctx context.Context, c *call) (int, error) {
	set := newFlags("product remove")
	var products ids
	set.Var(&products, "product", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if len(products) == 0 {
		return 0, usage("product remove takes --product ID …")
	}
	t, shelves, err := c.shelves(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	removal, err := shelves.PlanRemoval(ctx, t.Actor(), products)
	if err != nil {
		return 0, err
	}
	if err := c.confirm("This removes from this shop: "+removal.String()+".", "remove"); err != nil {
		return 0, err
	}
	if err := shelves.Remove(ctx, t.Actor(), removal); err != nil {
		return 0, err
	}
	return c.did("removed", removal.String()+"; `cashierctl sync` takes them off this till")
}

func (c *call) did(what, detail string) (int, error) {
	return Done, c.print(map[string]string{"result": what, "detail": detail}, func(w io.Writer) { fmt.Fprintln(w, what+": "+detail) })
}

func syncReset(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("sync reset-download"), 0); err != nil {
		return 0, err
	}
	t, client, err := c.asHQ(ctx, access.Setup)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if err := c.confirm("Every till of the tenant that downloads from HQ will read everything again.", "reset"); err != nil {
		return 0, err
	}
	if err := t.Note(ctx, "hq.resetdownload", "", ""); err != nil {
		return 0, err
	}
	if err := client.ResetDownload(ctx); err != nil {
		return 0, err
	}
	return c.did("reset", "`cashierctl sync --full` reads everything again here")
}

func shopList(ctx context.Context, c *call) (int, error) {
	shops, err := c.shopsOf(ctx, "shop list")
	if err != nil {
		return 0, err
	}
	return Done, c.print(shops, func(w io.Writer) {
		for _, s := range shops {
			fmt.Fprintf(w, "%d  %s  %s  %s\n", s.ID, s.Code, s.Name, s.Address)
			for _, p := range s.Products {
				fmt.Fprintf(w, "    %s %s  %s  member %s\n", p.ProductCode, p.ProductName, p.Price, p.MemberPrice)
			}
		}
	})
}

func priceLog(ctx context.Context, c *call) (int, error) {
	shops, err := c.shopsOf(ctx, "price log")
	if err != nil {
		return 0, err
	}
	logs := []hq.PriceLog{}
	for _, s := range shops {
		logs = append(logs, s.PriceLogs...)
	}
	return Done, c.print(logs, func(w io.Writer) {
		for _, l := range logs {
			fmt.Fprintf(w, "%s  shop %d  %s  %s → %s  member %s → %s  %s\n", l.CreateTime, l.ShopID, l.ProductName, l.OldPrice, l.NewPrice, l.OldMemberPrice, l.NewMemberPrice, l.UserName)
		}
	})
}

func (c *call) shopsOf(ctx context.Context, command string) ([]hq.Shop, error) {
	set := newFlags(command)
	product := set.Int64("product", 0, "")
	if _, err := c.flags(set, 0); err != nil {
		return nil, err
	}
	if *product <= 0 {
		return nil, usage("%s takes --product ID", command)
	}
	t, client, err := c.readHQ(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	shops, err := client.ShopList(ctx, *product)
	if shops == nil {
		shops = []hq.Shop{}
	}
	return shops, err
}

// classID is a class by its id or by its name in hq.classes.
func classID(t *app.Till, word string) (int64, error) {
	if id, err := strconv.ParseInt(word, 10, 64); err == nil && id > 0 {
		return id, nil
	}
	for pair := range strings.SplitSeq(t.Settings.Get("hq.classes"), ",") {
		if id, name, ok := strings.Cut(pair, "="); ok && strings.TrimSpace(name) == word {
			if n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64); err == nil {
				return n, nil
			}
		}
	}
	return 0, fault.New(fault.Invalid, "hq.class_unknown", "The id of class “{class}” is not known. `cashierctl hq classes --save` looks for it, or set hq.classes.", "class", word)
}

func hqClasses(ctx context.Context, c *call) (int, error) {
	set := newFlags("hq classes")
	from, to := set.Int64("from", 1, ""), set.Int64("to", 100, "")
	save := set.Bool("save", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	by := app.MachineActor(c.params().Program)
	if *save {
		desk, err := c.folder(ctx, access.Setup)
		if err != nil {
			return 0, err
		}
		if desk != nil {
			by = desk.Actor()
			desk.Close()
		}
	}
	t, client, err := c.readHQ(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	classes, err := client.Classes(ctx, *from, *to, func(done, of int64) {
		if !c.json && done%50 == 0 {
			fmt.Fprintf(c.Err, "%d of %d ids asked\n", done, of)
		}
	})
	if err != nil && len(classes) == 0 {
		return 0, err
	}
	code := Done
	if err != nil { // what was found is worth having
		code = c.complain(err)
	}
	if *save {
		was := t.Settings.Get("hq.classes")
		is := mergeClasses(was, classes)
		if err := app.LeaveNote(c.dir, by, "setting.set", "hq.classes", app.SettingChange(was, is)); err != nil {
			return 0, err
		}
		if err := t.Settings.Set("hq.classes", is); err != nil {
			return 0, err
		}
	}
	type class struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Products int64  `json:"products"`
	}
	views := []class{}
	for _, k := range classes {
		views = append(views, class{k.ID, k.Name, k.Products})
	}
	return code, c.print(views, func(w io.Writer) {
		for _, k := range views {
			fmt.Fprintf(w, "%d  %s  %d products\n", k.ID, k.Name, k.Products)
		}
	})
}

// mergeClasses puts what was found into the setting: the same id anew, the
// others as they are. A class whose name could not be read keeps its old one.
func mergeClasses(known string, found []hq.Class) string {
	names := map[string]string{}
	for _, k := range found {
		names[strconv.FormatInt(k.ID, 10)] = strings.TrimSpace(strings.ReplaceAll(k.Name, ",", "，"))
	}
	var pairs []string
	for pair := range strings.SplitSeq(known, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		id, _, _ := strings.Cut(pair, "=")
		id = strings.TrimSpace(id)
		if name := names[id]; name != "" {
			pair = id + "=" + name
		}
		delete(names, id)
		pairs = append(pairs, strings.TrimSpace(pair))
	}
	for _, k := range found {
		id := strconv.FormatInt(k.ID, 10)
		if name := names[id]; name != "" {
			pairs = append(pairs, id+"="+name)
		}
	}
	return strings.Join(pairs, ",")
}
