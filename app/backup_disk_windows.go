package app

import (
	"path/filepath"
	"strings"
)

// sameDisk reports whether two folders are on the same volume.
func sameDisk(a, b string) (bool, error) {
	first, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	second, err := filepath.Abs(b)
	return strings.EqualFold(filepath.VolumeName(first), filepath.VolumeName(second)), err
}
