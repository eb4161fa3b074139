package window

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"cashier/app/settings"
)

// doorFile says where the first window listens to be brought to the front.
const doorFile = "window.json"

// door is what a second start needs: where to knock, and the word that proves
// it may read the data folder.
type door struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// knockWait bounds how long either side waits for the other.
const knockWait = 2 * time.Second

// listen lets a second start on the same folder raise this window.
func (r *rig) listen() error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		r.till.Log.Warn("a second start cannot raise this window", "err", err)
		return nil
	}
	d := door{Address: l.Addr().String(), Token: rand.Text()}
	raw, err := json.Marshal(d)
	if err == nil {
		err = settings.WriteFile(filepath.Join(r.till.Dir, doorFile), raw)
	}
	if err != nil {
		r.till.Log.Warn("a second start cannot raise this window", "err", err)
		return l.Close()
	}
	go answer(l, d.Token, func() { fyne.Do(func() { r.window.Show(); r.window.RequestFocus() }) })
	r.door = func() error {
		_ = os.Remove(filepath.Join(r.till.Dir, doorFile)) // a stale file only costs a second start a refused knock
		return l.Close()
	}
	return nil
}

// answer raises the window for each caller with the right token until l closes.
func answer(l net.Listener, token string, raise func()) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.SetDeadline(time.Now().Add(knockWait))
		word, err := bufio.NewReaderSize(c, 64).ReadString('\n')
		if err == nil && word == token+"\n" {
			raise()
			_, _ = c.Write([]byte("up\n"))
		}
		_ = c.Close()
	}
}

// raise asks the window on dir to come to the front and reports whether one did.
func raise(ctx context.Context, dir string) bool {
	var d door
	raw, err := os.ReadFile(filepath.Join(dir, doorFile))
	if err != nil || json.Unmarshal(raw, &d) != nil {
		return false
	}
	dial := net.Dialer{Timeout: knockWait}
	c, err := dial.DialContext(ctx, "tcp", d.Address)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(knockWait))
	if _, err := c.Write([]byte(d.Token + "\n")); err != nil {
		return false
	}
	word, err := bufio.NewReaderSize(c, 16).ReadString('\n')
	return err == nil && word == "up\n"
}
