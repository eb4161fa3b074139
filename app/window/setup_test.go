package window

import (
	"testing"

	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/ui/text"
)

// Every setting and every secret has a name on the settings page, and every
// value of a choice that is no name of its own a label, in both languages.
func TestEverySettingHasItsWords(t *testing.T) {
	for _, lang := range []string{text.Chinese, text.English} {
		words, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string]bool{}
		for _, f := range (&rig{}).fields() {
			shown[f.Key] = true
			for _, key := range []string{"set." + f.Key, "set.section." + string(f.Section), "set.section." + string(f.Section) + ".what", "doctor.fine"} {
				if !words.Has(key) {
					t.Errorf("%s: no text %s", lang, key)
				}
			}
			for _, v := range f.Choices {
				if f.Key != "zvcms.version" && f.Key != "hq.page_base" && !words.Has("set."+f.Key+":"+v) {
					t.Errorf("%s: no text for %s=%s", lang, f.Key, v)
				}
			}
			if f.Kind == "" {
				t.Errorf("%s has no kind", f.Key)
			}
		}
		for _, name := range vault.Names() {
			if !shown[name] {
				t.Errorf("the secret %s is not shown", name)
			}
		}
		for _, k := range settings.Keys() {
			if shown[k.Name] != (k.Section != "") {
				t.Errorf("%s: shown %t", k.Name, shown[k.Name])
			}
		}
		for kind := range kinds {
			want := "set.want." + string(kinds[kind])
			if !words.Has(want) {
				t.Errorf("%s: no text %s", lang, want)
			}
		}
	}
}
