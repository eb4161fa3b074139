package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Role is what a colour is for. It is a Fyne colour name, so that the theme in
// force resolves it.
type Role = fyne.ThemeColorName

// The roles. The Soft ones are backgrounds for text in the colour itself.
const (
	Page        Role = "till.page"
	Surface     Role = "till.surface"
	Sunken      Role = "till.sunken" // fields and pressed areas on a surface
	Hover       Role = "till.hover"
	Ink         Role = "till.ink"
	Quiet       Role = "till.quiet"
	Faint       Role = "till.faint" // disabled; never for anything one must read
	Line        Role = "till.line"
	Accent      Role = "till.accent"
	AccentDeep  Role = "till.accentDeep"
	AccentSoft  Role = "till.accentSoft"
	OnAccent    Role = "till.onAccent"
	Info        Role = "till.info"
	InfoSoft    Role = "till.infoSoft"
	Warning     Role = "till.warning"
	WarningSoft Role = "till.warningSoft"
	Danger      Role = "till.danger"
	DangerSoft  Role = "till.dangerSoft"
	Scrim       Role = "till.scrim"
	Shade       Role = "till.shade" // the shadow of a card
	Bar         Role = "till.bar"   // the status bar
	OnBar       Role = "till.onBar"
	OnBarQuiet  Role = "till.onBarQuiet"
)

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

var light = map[Role]color.Color{
	Page:        rgb(0xF4F6F8),
	Surface:     rgb(0xFFFFFF),
	Sunken:      rgb(0xEDF0F3),
	Hover:       rgb(0xF4F7F9),
	Ink:         rgb(0x14181F),
	Quiet:       rgb(0x5B6472),
	Faint:       rgb(0xA3ABB6),
	Line:        rgb(0xE3E7EC),
	Accent:      rgb(0x0B7A4B),
	AccentDeep:  rgb(0x08613B),
	AccentSoft:  rgb(0xE3F3EB),
	OnAccent:    rgb(0xFFFFFF),
	Info:        rgb(0x1F5FBF),
	InfoSoft:    rgb(0xE8F0FB),
	Warning:     rgb(0xB54708),
	WarningSoft: rgb(0xFDF1E4),
	Danger:      rgb(0xC4281C),
	DangerSoft:  rgb(0xFCEBEA),
	Scrim:       color.NRGBA{R: 0x14, G: 0x18, B: 0x1F, A: 0x73},
	Shade:       color.NRGBA{R: 0x14, G: 0x18, B: 0x1F, A: 0x1C},
	Bar:         rgb(0x1B222C),
	OnBar:       rgb(0xF4F6F8),
	OnBarQuiet:  rgb(0xA9B3C1),
}

var dark = map[Role]color.Color{
	Page:        rgb(0x10141A),
	Surface:     rgb(0x1A2029),
	Sunken:      rgb(0x242C37),
	Hover:       rgb(0x202833),
	Ink:         rgb(0xF1F4F7),
	Quiet:       rgb(0xA3AEBC),
	Faint:       rgb(0x5F6A78),
	Line:        rgb(0x2E3743),
	Accent:      rgb(0x35B57E),
	AccentDeep:  rgb(0x4CC892),
	AccentSoft:  rgb(0x163328),
	OnAccent:    rgb(0x06150E),
	Info:        rgb(0x7FB0F5),
	InfoSoft:    rgb(0x18273D),
	Warning:     rgb(0xF2A35E),
	WarningSoft: rgb(0x35261A),
	Danger:      rgb(0xF2837A),
	DangerSoft:  rgb(0x3A1F1E),
	Scrim:       color.NRGBA{A: 0x99},
	Shade:       color.NRGBA{A: 0x66},
	Bar:         rgb(0x0A0D11),
	OnBar:       rgb(0xF1F4F7),
	OnBarQuiet:  rgb(0x93A0B0),
}

// safe tells by blue, orange and lightness what the others tell by red and
// green (after Okabe and Ito's palette, darkened until it can be read on white).
var safe = map[Role]color.Color{
	Page:        rgb(0xF4F6F8),
	Surface:     rgb(0xFFFFFF),
	Sunken:      rgb(0xEAEDF1),
	Hover:       rgb(0xF1F5F9),
	Ink:         rgb(0x10141A),
	Quiet:       rgb(0x525B69),
	Faint:       rgb(0x9AA3AF),
	Line:        rgb(0xDCE1E8),
	Accent:      rgb(0x005F9E),
	AccentDeep:  rgb(0x00487A),
	AccentSoft:  rgb(0xE1EFF9),
	OnAccent:    rgb(0xFFFFFF),
	Info:        rgb(0x4A4E9C),
	InfoSoft:    rgb(0xECECF7),
	Warning:     rgb(0x7A5C00),
	WarningSoft: rgb(0xFBF3D5),
	Danger:      rgb(0xA63F00),
	DangerSoft:  rgb(0xFDEBDD),
	Scrim:       color.NRGBA{R: 0x14, G: 0x18, B: 0x1F, A: 0x73},
	Shade:       color.NRGBA{R: 0x14, G: 0x18, B: 0x1F, A: 0x1C},
	Bar:         rgb(0x17202B),
	OnBar:       rgb(0xF4F6F8),
	OnBarQuiet:  rgb(0xA9B3C1),
}

// tints are the quiet backgrounds of products without a picture, chosen by
// product so that neighbours differ and each keeps its own.
var tints = []color.NRGBA{
	rgb(0xE4F1EA), rgb(0xE7EEF9), rgb(0xFBEFE2), rgb(0xF9E9EA), rgb(0xEFEAF8), rgb(0xE5F2F4), rgb(0xF4F1DF),
}

// C is the colour of a role in the theme in force.
func C(r Role) color.Color { return fynetheme.Color(r) }

// Tint is the placeholder background of the n-th product.
func Tint(n int64) color.Color {
	c := tints[uint64(n)%uint64(len(tints))]
	if inForce().Dark { // the same hue, as dark as what is around it
		return color.NRGBA{R: c.R / 5, G: c.G / 5, B: c.B / 5, A: c.A}
	}
	return c
}

// lights are the colours of small lights on the dark bar, bright enough there.
var lights = map[Role]color.Color{
	Accent: rgb(0x3DD68C), Warning: rgb(0xF5A623), Danger: rgb(0xFF6B5E), Info: rgb(0x6EA8FF), OnBarQuiet: rgb(0x6B7686),
}

// safeLights are lights that differ also without red and green.
var safeLights = map[Role]color.Color{
	Accent: rgb(0x56B4E9), Warning: rgb(0xF0E442), Danger: rgb(0xFF7A1A), Info: rgb(0xB7A8F0), OnBarQuiet: rgb(0x6B7686),
}

// Light is the colour of a role as a small light on the status bar.
func Light(r Role) color.Color {
	palette := lights
	if inForce().Safe {
		palette = safeLights
	}
	if c, ok := palette[r]; ok {
		return c
	}
	return C(r)
}
