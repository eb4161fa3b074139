package theme

import (
	"image/color"
	"math"
	"testing"
)

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	part := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

// What is read has a contrast of 4.5 to its ground in every theme (WCAG 2 AA).
func TestEveryThemeCanBeRead(t *testing.T) {
	for name, palette := range map[string]map[Role]color.Color{"light": light, "dark": dark, "safe": safe} {
		for _, pair := range [][2]Role{
			{Ink, Page}, {Ink, Surface}, {Ink, Sunken}, {Quiet, Page}, {Quiet, Surface}, {OnAccent, Accent}, {AccentDeep, AccentSoft},
			{Accent, Surface}, {Info, InfoSoft}, {Warning, WarningSoft}, {Danger, DangerSoft}, {Danger, Surface}, {OnBar, Bar}, {OnBarQuiet, Bar},
		} {
			if got := contrast(palette[pair[0]], palette[pair[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", name, pair[0], pair[1], got)
			}
		}
		for role := range light {
			if palette[role] == nil {
				t.Errorf("%s has no %s", name, role)
			}
		}
	}
}

// deuteranope is how an eye without green cones sees a colour (Viénot, Brettel
// and Mollon 1999, on linear values).
func deuteranope(c color.Color) (r, g, b float64) {
	x, y, z, _ := c.RGBA()
	lin := func(v uint32) float64 { return math.Pow(float64(v)/0xffff, 2.2) }
	l, m, s := lin(x), lin(y), lin(z)
	return 0.29275*l + 0.70725*m, 0.29275*l + 0.70725*m, -0.02234*l + 0.02234*m + s
}

func apart(a, b color.Color) float64 {
	r1, g1, b1 := deuteranope(a)
	r2, g2, b2 := deuteranope(b)
	return math.Hypot(math.Hypot(r1-r2, g1-g2), b1-b2)
}

// In the safe theme paid and failed differ at least twice as much for an eye
// that cannot tell red from green as in the light one.
func TestTheSafeThemeIsSafe(t *testing.T) {
	if is, was := apart(safe[Accent], safe[Danger]), apart(light[Accent], light[Danger]); is < 2*was {
		t.Errorf("they are %.3f apart, in the light theme %.3f", is, was)
	}
	if is, was := apart(safeLights[Accent], safeLights[Danger]), apart(lights[Accent], lights[Danger]); is < was {
		t.Errorf("the lights are %.3f apart, in the light theme %.3f", is, was)
	}
}

func TestNamed(t *testing.T) {
	if (Named("dark") != Theme{Dark: true}) || (Named("safe") != Theme{Safe: true}) || (Named("light") != Theme{}) || (Named("") != Theme{}) {
		t.Error("a name gives another theme")
	}
}
