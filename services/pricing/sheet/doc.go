// Package sheet reads and writes tables as people keep them: Excel workbooks
// (.xlsx) and CSV of UTF-8, with or without a byte order mark, or GB18030. Every
// cell is a text; numbers never pass through a float here.
//
// It knows nothing of prices and touches no file: bytes come in and go out. Its
// limits keep a hostile or mistaken file from taking the till's memory.
package sheet
