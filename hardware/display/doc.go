// Package display shows amounts on the customer's display: eight digits and four
// lamps (单价, 合计, 收款, 找零) at a serial port, the LED8 that tills in China
// have.
//
// A display never holds anything up: what to show is handed over and the latest
// wins. It answers nothing, so that a display is online when its port takes
// bytes.
//
// The package may touch hardware/serialport, services/fault and services/money.
// displaysim below it is a display without hardware.
package display
