package assets

import (
	"embed"
	"io/fs"
	"sort"
	"strings"
)

// The fonts of the theme: Noto Sans SC cut down to 8,885 glyphs, among them
// all of the 通用规范汉字表 and GB 2312. OpenType with CFF outlines; figures all
// have one width. Other characters are left to the toolkit's fallback.
var (
	//go:embed fonts/NotoSansSC-Regular.otf
	FontRegular []byte
	//go:embed fonts/NotoSansSC-Bold.otf
	FontBold []byte
)

// AppIcon is the icon of the window and the packages, a PNG of 512 × 512.
//
//go:embed icons/app.png
var AppIcon []byte

// Translations holds translations/zh.json and translations/en.json: one flat
// object each, key to text. Values put into a text are written {{.name}}.
//
//go:embed translations/*.json
var Translations embed.FS

// Licences holds licences/*.txt, the terms of what others made. They have to
// reach whoever receives the program, so the "about" page shows them.
//
//go:embed licences/*.txt
var Licences embed.FS

//go:embed icons/*.svg
var icons embed.FS

// fallbackIcon is shown where an icon is asked for that does not exist.
const fallbackIcon = "unknown"

// Icon is a line icon as SVG on a grid of 24 × 24, drawn in #14181F as fills
// only, so that a themed resource recolours all of it. An unknown name gives a
// framed question mark.
func Icon(name string) []byte {
	for _, n := range [...]string{name, fallbackIcon} {
		if b, err := icons.ReadFile("icons/" + n + ".svg"); err == nil {
			return b
		}
	}
	return nil
}

// IconNames are the names Icon knows, in alphabetical order.
func IconNames() []string {
	files, err := fs.Glob(icons, "icons/*.svg")
	if err != nil {
		return nil
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "icons/"), ".svg")
	}
	sort.Strings(files)
	return files
}
