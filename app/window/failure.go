package window

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"cashier/app/settings"
	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/text"
	"cashier/ui/theme"
)

// showFailure says in a window why the till did not start, for those who have
// no terminal, until the window is closed or ctx ends. It has been said on the
// terminal already, so where no window can be opened it does nothing.
func (s *stage) showFailure(ctx context.Context, lang string, err error) {
	words, bad := text.Load(lang)
	if bad != nil || s.broken {
		return
	}
	watch := watchToolkit(io.Discard, lang, func(string) {})
	defer func() { watch.end(recover()) }()
	if s.window == nil {
		s.app = newApp()
		s.window = s.app.NewWindow("")
	}
	a, w := s.app, s.window
	fail(a, w, words, err)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	w.Show()
	if !watch.failed {
		a.Run()
	}
}

// fail fills that window; closing it quits a.
func fail(a fyne.App, w fyne.Window, words *text.Texts, err error) {
	f := ui.NewFailure(words, err, a.Quit)
	w.SetTitle(words.T("window.title"))
	w.SetFullScreen(false)
	w.SetPadded(false)
	w.SetContent(f.Content)
	w.Resize(fyne.NewSize(720, 420))
	w.CenterOnScreen()
	f.Attach(w.Canvas())
}

// newApp is the toolkit, dressed as the till.
func newApp() fyne.App {
	fyneapp.SetMetadata(fyne.AppMetadata{ID: ID, Name: "cashier", Icon: icon(), Migrations: map[string]bool{"fyneDo": true}})
	a := fyneapp.NewWithID(ID)
	a.SetIcon(icon())
	a.Settings().SetTheme(theme.Theme{})
	return a
}

// showable reports whether a failure is one for a window: not a wrong flag, not
// the want of a screen, and not before the eyes of a script.
func showable(p Params, code int, err error) bool {
	return err != nil && code == 1 && p.Script == "" && fault.CodeOf(err) != "window.no_screen"
}

// language is the one asked for, else the one the till is set to, as far as
// that can be read.
func language(p Params) string {
	if p.Lang != "" {
		return p.Lang
	}
	dir, err := folder(p)
	if err != nil {
		return ""
	}
	s, _, err := settings.Read(dir)
	if s == nil || err != nil {
		return ""
	}
	return s.Get("look.lang")
}
