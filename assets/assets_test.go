package assets

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/png"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

func TestTranslationsAgree(t *testing.T) {
	zh, en := translation(t, "zh"), translation(t, "en")
	if diff := cmp.Diff(keys(zh), keys(en)); diff != "" {
		t.Errorf("keys of zh and en differ (-zh +en):\n%s", diff)
	}
	value := regexp.MustCompile(`\{\{\.[a-zA-Z]+\}\}`)
	for k := range zh {
		if zh[k] == "" || en[k] == "" {
			t.Errorf("%s: an empty text", k)
		}
		a, b := value.FindAllString(zh[k], -1), value.FindAllString(en[k], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: zh puts in %v, en %v", k, a, b)
		}
	}
}

func translation(t *testing.T, lang string) map[string]string {
	t.Helper()
	b, err := Translations.ReadFile("translations/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	// A decoder takes the last of two equal keys in silence.
	if n := bytes.Count(b, []byte(`": "`)); n != len(out) {
		t.Errorf("%s.json: %d rows but %d keys", lang, n, len(out))
	}
	return out
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestLicencesAreComplete(t *testing.T) {
	for name, holder := range map[string]string{"noto-sans-sc.txt": "© 2014-2021 Adobe", "noto-emoji.txt": "Copyright 2013-2017 Google Inc."} {
		b, err := Licences.ReadFile("licences/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{holder, "SIL OPEN FONT LICENSE Version 1.1", "PERMISSION & CONDITIONS", "TERMINATION", "DISCLAIMER"} {
			if !strings.Contains(string(b), part) {
				t.Errorf("%s lacks %q", name, part)
			}
		}
	}
}

func TestAppIcon(t *testing.T) {
	img, format, err := image.Decode(bytes.NewReader(AppIcon))
	if err != nil || format != "png" {
		t.Fatal(format, err)
	}
	if img.Bounds() != image.Rect(0, 0, 512, 512) {
		t.Errorf("size %v", img.Bounds())
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
		t.Error("the corner is not transparent")
	}
	if r, g, b, _ := img.At(256, 40).RGBA(); r>>8 != 0x0B || g>>8 != 0x7A || b>>8 != 0x4B {
		t.Errorf("not the accent colour: %02x%02x%02x", r>>8, g>>8, b>>8)
	}
}

// The packager reads this file; a misspelt key would be ignored by it.
func TestFyneAppFile(t *testing.T) {
	f, err := os.Open("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var app struct {
		Details struct {
			Icon, Name, ID, Version string
			Build                   int
		}
		LinuxAndBSD struct {
			GenericName, Comment string
			Categories, Keywords []string
		}
		Migrations map[string]bool
	}
	if err := toml.NewDecoder(f).DisallowUnknownFields().Decode(&app); err != nil {
		t.Fatal(err)
	}
	if app.Details.ID != "cn.cashier.till" || app.Details.Name != "Cashier" || app.Details.Build < 1 {
		t.Errorf("details: %+v", app.Details)
	}
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(app.Details.Version) {
		t.Errorf("version %q", app.Details.Version)
	}
	if !app.Migrations["fyneDo"] {
		t.Error("fyneDo must be on: the till calls fyne.Do itself")
	}
	icon, err := os.ReadFile("../" + app.Details.Icon)
	if err != nil || !bytes.Equal(icon, AppIcon) {
		t.Errorf("icon %q is not the embedded one (%v)", app.Details.Icon, err)
	}
}
