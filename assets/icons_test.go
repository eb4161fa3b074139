package assets

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func TestIconsExist(t *testing.T) {
	have := IconNames()
	for _, name := range []string{
		"search", "scan", "cash", "qrcode", "card", "member", "sync", "wifi", "wifi-off", "printer", "scale", "user",
		"clock", "warning", "check", "close", "plus", "minus", "trash", "back", "receipt", "settings", "tray",
		"weight", "help", "lock", "hold", "coupon", "drawer", "tag", "store", "picture", "chart", "display", "info",
		"sun", "moon", "undo", "redo", "unknown",
	} {
		if !slices.Contains(have, name) {
			t.Errorf("no icon %q", name)
		}
	}
}

func TestUnknownIcon(t *testing.T) {
	want := Icon("unknown")
	if len(want) == 0 {
		t.Fatal("no fallback")
	}
	for _, name := range []string{"", "no-such", "../icons/app", "check.svg", "\x00"} {
		if !bytes.Equal(Icon(name), want) {
			t.Errorf("Icon(%q) is not the fallback", name)
		}
	}
}

// Fyne decodes only these elements, and recolours their fills alone.
func TestIconsAreRecolourable(t *testing.T) {
	for _, name := range IconNames() {
		d := xml.NewDecoder(bytes.NewReader(Icon(name)))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := tok.(xml.StartElement)
			if !ok || start.Name.Local == "svg" {
				continue
			}
			if start.Name.Local != "path" {
				t.Errorf("%s: element %s", name, start.Name.Local)
			}
			for _, a := range start.Attr {
				if a.Name.Local != "d" && (a.Name.Local != "fill" || a.Value != "#14181F") {
					t.Errorf("%s: %s=%q", name, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// Every icon paints something, follows the theme, and keeps off the edge.
func TestIconsPaint(t *testing.T) {
	test.NewTempApp(t)
	for _, name := range IconNames() {
		res := fyne.NewStaticResource(name+".svg", Icon(name))
		painted := paintIcon(theme.NewColoredResource(res, theme.ColorNameError))
		r, g, b, _ := theme.Color(theme.ColorNameError).RGBA()
		ink := color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xFF}

		full, box := 0, image.Rectangle{}
		for y := range 96 {
			for x := range 96 {
				c := color.RGBAModel.Convert(painted.At(x, y)).(color.RGBA)
				if c != (color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}) {
					box = box.Union(image.Rect(x, y, x+1, y+1))
				}
				if c == ink {
					full++
				}
			}
		}
		if full < 150 {
			t.Errorf("%s: %d pixels in the asked colour", name, full)
		}
		if !box.In(image.Rect(4, 4, 92, 92)) {
			t.Errorf("%s: painted at %v, nearer than a unit to the edge", name, box)
		}
	}
}

func paintIcon(res fyne.Resource) image.Image {
	img := canvas.NewImageFromResource(res)
	img.FillMode = canvas.ImageFillStretch
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	back := canvas.NewRectangle(color.White)
	c.SetContent(&fyne.Container{Objects: []fyne.CanvasObject{back, img}})
	c.Resize(fyne.NewSquareSize(96))
	back.Resize(fyne.NewSquareSize(96))
	img.Resize(fyne.NewSquareSize(96))
	return c.Capture()
}

func TestIconNamesAreSorted(t *testing.T) {
	names := IconNames()
	if !slices.IsSorted(names) || len(names) < 25 {
		t.Errorf("%d names: %s", len(names), strings.Join(names, " "))
	}
}
