package wire

import (
	"errors"
	"maps"

	"cashier/services/fault"
)

// minSecret is how long a secret must be to be looked for by its value: shorter
// ones would be found in every sentence.
const minSecret = 4

// Mask is Redact for a text of somebody who knows our secrets: their values are
// taken out as well, whatever stands around them.
func Mask(text string, secrets ...string) string {
	m := mask{}
	for _, s := range secrets {
		if len(s) >= minSecret {
			m = append(m, s)
		}
	}
	return m.raw(text)
}

// MaskFault is err with the values of secrets taken out of what a person reads
// of it; nil stays nil.
func MaskFault(err error, secrets ...string) error {
	var f *fault.Error
	if !errors.As(err, &f) || Mask(f.Message, secrets...) == f.Message {
		return err
	}
	clean := *f
	clean.Message, clean.Args = Mask(f.Message, secrets...), maps.Clone(f.Args)
	for name, value := range clean.Args {
		clean.Args[name] = Mask(value, secrets...)
	}
	return &clean
}
