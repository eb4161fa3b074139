package window

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"cashier/app"
	"cashier/app/demo"
	"cashier/hardware/scanner/scannersim"
)

// demoPassphrase opens the vault of a demo, which keeps no secret worth
// keeping and must not depend on a keyring.
const demoPassphrase = "demo"

// demoShop is the stand-in servers and, for a script, a scanner on a cable.
type demoShop struct {
	servers *demo.Servers
	sim     *scannersim.Sim
	temp    string
}

// startDemo starts the stand-ins and points the till at them for this run.
func (r *rig) startDemo(ctx context.Context, dir string, p *app.Params) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	servers, err := demo.Start(ctx, demo.Params{StatePath: filepath.Join(dir, "standin.json")})
	if err != nil {
		return err
	}
	r.demo = &demoShop{servers: servers}
	e := servers.Endpoints()
	p.Passphrase = demoPassphrase
	p.Settings = map[string]string{
		"hq.url": e.HQ, "hq.tenant": e.Tenant, "hq.login": e.Login, "hq.shop_id": strconv.FormatInt(e.ShopID, 10),
		"liantuofu.url": e.Liantuofu, "liantuofu.app_id": e.AppID, "liantuofu.merchant_code": e.MerchantCode,
		"shop.name": servers.Shop.ShopName,
	}
	p.Secrets = map[string]string{"hq.password": e.Password, "liantuofu.key": e.Key}
	if r.p.Script == "" {
		return nil
	}
	if r.demo.temp, err = os.MkdirTemp("", "cashier-scanner-"); err != nil {
		return err
	}
	r.demo.sim, err = scannersim.New(r.demo.temp)
	return err
}

func (d *demoShop) close() {
	if d.sim != nil {
		_ = d.sim.Close()
	}
	if d.temp != "" {
		_ = os.RemoveAll(d.temp)
	}
	if err := d.servers.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "cashier: "+err.Error())
	}
}
