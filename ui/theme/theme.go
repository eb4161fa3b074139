package theme

import (
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"cashier/assets"
)

// Type sizes. Nothing a person has to read is smaller than Small.
const (
	Small   float32 = 15
	Body    float32 = 18
	Title   float32 = 22
	Heading float32 = 28
	Total   float32 = 36
	Money   float32 = 48
	Huge    float32 = 64
)

// Spacing steps, the radius of cards, and the least side of what is touched.
const (
	S1     float32 = 4
	S2     float32 = 8
	S3     float32 = 12
	S4     float32 = 16
	S5     float32 = 24
	Radius float32 = 10
	Target float32 = 44
)

// Theme is the till's Fyne theme: light unless it says otherwise.
type Theme struct {
	Dark bool
	Safe bool // light, in colours that differ also for eyes that do not tell red from green
}

// Named is the theme of a name: light, dark or safe.
func Named(name string) Theme { return Theme{Dark: name == "dark", Safe: name == "safe"} }

// palette are the theme's colours, and which of the toolkit's own go with them.
func (t Theme) palette() (map[Role]color.Color, fyne.ThemeVariant) {
	switch {
	case t.Dark:
		return dark, fynetheme.VariantDark
	case t.Safe:
		return safe, fynetheme.VariantLight
	}
	return light, fynetheme.VariantLight
}

// inForce is the till's theme, the light one where there is none.
func inForce() Theme {
	if app := fyne.CurrentApp(); app != nil {
		if t, ok := app.Settings().Theme().(Theme); ok {
			return t
		}
	}
	return Theme{}
}

var _ fyne.Theme = Theme{}

var (
	regular = fyne.NewStaticResource("NotoSansSC-Regular.otf", assets.FontRegular)
	bold    = fyne.NewStaticResource("NotoSansSC-Bold.otf", assets.FontBold)
)

// Font is the shipped CJK font in two weights; its figures have one width.
func (Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return fynetheme.DefaultTheme().Font(style)
	case style.Bold:
		return bold
	}
	return regular
}

// Icon leaves the toolkit's own icons to its few widgets that are used.
func (Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return fynetheme.DefaultTheme().Icon(n) }

// Size keeps the toolkit's widgets in step with ours.
func (Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case fynetheme.SizeNameText:
		return Body
	case fynetheme.SizeNamePadding:
		return S1
	case fynetheme.SizeNameInnerPadding:
		return 10
	case fynetheme.SizeNameInputRadius, fynetheme.SizeNameSelectionRadius:
		return Radius
	case fynetheme.SizeNameInputBorder:
		return 1
	case fynetheme.SizeNameScrollBar:
		return 14
	case fynetheme.SizeNameScrollBarSmall:
		return 5
	}
	return fynetheme.DefaultTheme().Size(n)
}

// toolkit says which role stands behind the toolkit's own colour names.
var toolkit = map[fyne.ThemeColorName]Role{
	fynetheme.ColorNameBackground:        Page,
	fynetheme.ColorNameForeground:        Ink,
	fynetheme.ColorNamePrimary:           Accent,
	fynetheme.ColorNameFocus:             AccentSoft,
	fynetheme.ColorNameSelection:         AccentSoft,
	fynetheme.ColorNameInputBackground:   Surface,
	fynetheme.ColorNameInputBorder:       Line,
	fynetheme.ColorNamePlaceHolder:       Quiet,
	fynetheme.ColorNameHover:             Hover,
	fynetheme.ColorNameSeparator:         Line,
	fynetheme.ColorNameScrollBar:         Faint,
	fynetheme.ColorNameOverlayBackground: Surface,
	fynetheme.ColorNameMenuBackground:    Surface,
	fynetheme.ColorNameDisabled:          Faint,
	fynetheme.ColorNameError:             Danger,
	fynetheme.ColorNameWarning:           Warning,
	fynetheme.ColorNameSuccess:           Accent,
}

// Color resolves roles and the toolkit's own names.
func (t Theme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	palette, variant := t.palette()
	if r, ok := toolkit[n]; ok {
		n = r
	}
	if c, ok := palette[n]; ok {
		return c
	}
	switch n {
	case fynetheme.ColorNameScrollBarBackground, fynetheme.ColorNameShadow:
		return color.Transparent
	}
	return fynetheme.DefaultTheme().Color(n, variant)
}

var icons sync.Map // "name/role" → fyne.Resource

// Icon is one of the till's line icons in the colour of a role.
func Icon(name string, r Role) fyne.Resource {
	key := name + "/" + string(r)
	if v, ok := icons.Load(key); ok {
		return v.(fyne.Resource) //nolint:errcheck // only resources are stored
	}
	res := fynetheme.NewColoredResource(fyne.NewStaticResource(name+".svg", assets.Icon(name)), r)
	v, _ := icons.LoadOrStore(key, fyne.Resource(res))
	return v.(fyne.Resource) //nolint:errcheck // only resources are stored
}
