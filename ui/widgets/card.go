package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
)

// Block is content on a coloured ground with round corners.
func Block(role theme.Role, radius float32, content fyne.CanvasObject) *fyne.Container {
	ground := canvas.NewRectangle(theme.C(role))
	ground.CornerRadius = radius
	return container.NewStack(ground, content)
}

// Card is a white card with a hairline, the surface everything stands on.
func Card(content fyne.CanvasObject) *fyne.Container {
	return container.NewStack(Filled(theme.Surface, theme.Radius+2, true).View, content)
}

// Raised is a card that floats above what is behind it.
func Raised(content fyne.CanvasObject) *fyne.Container {
	ground := canvas.NewRectangle(theme.C(theme.Surface))
	ground.CornerRadius = theme.Radius + 4
	ground.Shadow = canvas.Shadow{Color: theme.C(theme.Shade), BlurRadius: 18, Spread: 2, Offset: fyne.NewPos(0, 6)}
	return container.NewStack(ground, content)
}

// Rule is a hairline across.
func Rule() fyne.CanvasObject {
	r := canvas.NewRectangle(theme.C(theme.Line))
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

// Icon is one of the till's icons as a square of a size.
func Icon(name string, size float32, role theme.Role) *canvas.Image {
	i := canvas.NewImageFromResource(theme.Icon(name, role))
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(size))
	return i
}

// Badge is an icon in the middle of a soft disc: the picture of a drawn state.
func Badge(name string, size float32, role, soft theme.Role) fyne.CanvasObject {
	disc := canvas.NewCircle(theme.C(soft))
	return container.NewCenter(Least(size, size, container.NewStack(disc, container.NewCenter(Icon(name, size*0.5, role)))))
}

// Tick is the sign that something is done, for sure.
func Tick(size float32) fyne.CanvasObject {
	return container.NewCenter(Least(size, size, container.NewStack(canvas.NewCircle(theme.C(theme.Accent)), container.NewCenter(Icon("check", size*0.6, theme.OnAccent)))))
}

// Tag is a small label on a soft ground.
func Tag(s string, role, soft theme.Role) *fyne.Container {
	return Block(soft, 6, Inset(1, 7, 2, 7, Text(s, theme.Small, role)))
}

// Pair is a quiet name on the left and its value on the right.
func Pair(name, value string) fyne.CanvasObject {
	return Row(theme.S3, Text(name, theme.Small, theme.Quiet), Grow(Right(Text(value, theme.Small, theme.Ink))))
}

// Ground is a plain coloured area.
func Ground(role theme.Role) *canvas.Rectangle { return canvas.NewRectangle(theme.C(role)) }

// Clear paints nothing.
var Clear color.Color = color.Transparent

// faded is a colour at a third of its strength, for outlines.
func faded(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 0x55}
}
