package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// List is an array; null and "" are the empty list, as servers write it.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if s := string(b); s == "null" || s == `""` {
		*l = nil
		return nil
	}
	var items []T
	if err := json.Unmarshal(b, &items); err != nil {
		return err
	}
	*l = items
	return nil
}

// Fields reads one JSON object into its members as they stand in the text.
// Unlike encoding/json it is exact about names, and it refuses a name given
// twice: two answers in one reply are no answer where money hangs on it.
func Fields(body []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	open, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') {
		return nil, fmt.Errorf("an object was expected: %w", errScalar)
	}
	fields := make(map[string]json.RawMessage)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errScalar
		}
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("a field was given twice: %w", errScalar)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		fields[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the answer: %w", errScalar)
	}
	return fields, nil
}

// China is the zone of times that carry none: the whole country has one, without
// summer time, so that it needs no zone database on the till.
var China = time.FixedZone("CST", 8*60*60)

var layouts = []string{
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006/1/2 15:04:05",
	"20060102150405",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/1/2",
	"20060102",
}

// ParseTime reads a date or time as the contracts write them. A zone in the
// text wins; otherwise zone is meant (nil: China). Also read are fractions of a
// second and the /Date(ms)/ of old .NET. "" and the year 1, .NET's "no date",
// are the zero time.
func ParseTime(s string, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasPrefix(s, "0001-01-01") {
		return time.Time{}, nil
	}
	if zone == nil {
		zone = China
	}
	if ms, ok := strings.CutPrefix(s, "/Date("); ok {
		digits, _ := strings.CutSuffix(ms, ")/")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("a time was expected: %w", errScalar)
		}
		return time.UnixMilli(n).In(zone), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("a time was expected: %w", errScalar)
}
