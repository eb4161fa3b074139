// Package scanner turns what a barcode scanner sends into whole codes, each
// delivered once, and says when the scanner is away.
//
// A scan that cannot be used, because it is too long or lost characters, is
// delivered all the same with the reason, so that the screen can say so; the
// one thing dropped without a word is the second copy of a code within
// DuplicateWindow, and that is counted.
//
// What a code means is not known here: that is services/scancode. The package
// may touch hardware/serialport, services/fault and services/scancode (to mask
// codes in logs). scannersim below it is a scanner without hardware.
package scanner
