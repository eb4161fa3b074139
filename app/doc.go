// Package app builds the till out of its rooms and ties them together:
// settings, vault, databases, gateways, catalogue, checkout; start-up,
// recovery, shutdown. It holds no rule of the shop and no widget.
//
// It is the only place that knows every room. app itself stays free of Fyne,
// so that programs without a window do not carry one; app/window adds it.
package app
