// Command generate draws the icons of the till: the app's own (app.png) and
// the line icons of the screens (one SVG each).
//
//	go run ./assets/icons/generate assets/icons
//
// The line icons are described as strokes but written as filled outlines:
// Fyne's themed resources recolour fills and leave strokes as they are, so a
// stroked icon would stay dark on the dark theme.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	for name, shapes := range icons() {
		if err := os.WriteFile(filepath.Join(dir, name+".svg"), svg(shapes), 0o644); err != nil {
			return err
		}
	}
	png, err := appIcon()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "app.png"), png, 0o644)
}
