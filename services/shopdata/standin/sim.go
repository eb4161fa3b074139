package standin

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Controlled is a stand-in, or several, seen from the test bench.
type Controlled interface {
	Charges() []Charge
	Faults() []Rule
	SetFaults(spec string) error
}

// Bench serves the two addresses behind which a stand-in shows its truth and
// takes its orders: GET /_sim/charges gives the list of charges as a JSON
// array; GET /_sim/faults gives {"faults":text}; POST /_sim/faults replaces the
// faults by the text in its body (plain, or JSON of the same shape), 400 with
// {"error":…} if it cannot be read.
func Bench(c Controlled) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/charges", func(w http.ResponseWriter, _ *http.Request) {
		list := c.Charges()
		if list == nil {
			list = []Charge{}
		}
		WriteJSON(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, map[string]string{"faults": Text(c.Faults())})
	})
	mux.HandleFunc("POST /_sim/faults", func(w http.ResponseWriter, r *http.Request) {
		spec, err := readSpec(http.MaxBytesReader(w, r.Body, 1<<16))
		if err == nil {
			err = c.SetFaults(spec)
		}
		if err != nil {
			WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		WriteJSON(w, http.StatusOK, map[string]string{"faults": Text(c.Faults())})
	})
	return mux
}

func readSpec(body io.Reader) (string, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if !strings.HasPrefix(text, "{") {
		return text, nil
	}
	var doc struct{ Faults string }
	err = json.Unmarshal(b, &doc)
	return doc.Faults, err
}

// WriteJSON answers with one JSON document.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, Reply{Status: status, Body: b})
}
