package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what the figures were measured on.
type Machine struct {
	System    string  `json:"system"`
	Processor string  `json:"processor,omitempty"`
	Cores     int     `json:"cores"`
	Memory    int     `json:"memoryMB,omitempty"`
	Busy      float64 `json:"busy"` // processes that wanted to run when it began (load average); 0 where the system does not tell
	Graphics  string  `json:"graphics,omitempty"`
	Go        string  `json:"go"`
}

func thisMachine() Machine {
	m := Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	m.Processor = field("/proc/cpuinfo", "model name")
	kib, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.Atoi(kib); err == nil {
		m.Memory = n / 1024
	}
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(raw), " ")
		m.Busy, _ = strconv.ParseFloat(first, 64)
	}
	m.Graphics = "the system's OpenGL driver"
	if os.Getenv("LIBGL_ALWAYS_SOFTWARE") == "1" {
		m.Graphics = "OpenGL drawn in software (llvmpipe), no graphics card"
	}
	return m
}

// field is a value of one of Linux's "name : value" files, "" elsewhere.
func field(file, name string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
