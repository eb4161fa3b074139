// Package printersim is a receipt printer without hardware. It reads the stream
// of ESC/POS by code of its own into what would be on the paper, answers as a
// printer does, and can run out of paper, open its cover, jam and vanish. It
// serves tests, training and demonstrations, and may touch serialport/pty only.
// NewPTY works where pty does, on Linux; the rest everywhere.
package printersim
