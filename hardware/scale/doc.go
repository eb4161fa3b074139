// Package scale turns what a counter scale sends into whole grams, says when a
// weight has settled and may be sold by, and says at once when the scale is
// silent or gone.
//
// A protocol is a pure decoder beside a few facts (protocols.go). Each decoder
// is robust to noise: what is no frame is skipped byte by byte and counted, and
// a weight behind noise has to settle anew. Where public manuals contradict
// each other by a factor, each reading is a protocol of its own and a person
// chooses with a known weight on the platform; nothing is guessed.
//
// What a weight means for a sale is not known here. The package may touch
// hardware/serialport, services/fault and services/money. scalesim below it is a
// scale without hardware.
package scale
