package serialport

// Info is a port that settings can offer. A port that is not listed may still
// be typed: some adapters' names are unknown to every list.
type Info struct {
	Path   string // what the system calls it now: COM3, /dev/ttyUSB0
	Stable string // a name that survives replugging and rebooting; "" if there is none
	Label  string // what the device calls itself; "" if it does not say
	USB    string // vendor:product in hex, such as 1a86:7523; "" if not USB
}

// Best is the name to keep in the settings.
func (i Info) Best() string {
	if i.Stable != "" {
		return i.Stable
	}
	return i.Path
}
