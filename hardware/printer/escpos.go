package printer

import (
	"image"
	"strings"

	"github.com/skip2/go-qrcode"

	"cashier/services/receipt"
)

// Commands of ESC/POS, as Epson's reference and the command manuals of the
// printers sold in China (Rongta RP32x, HPRT TP80, Star in ESC/POS mode) agree
// on them.
var (
	cmdInit     = []byte{0x1b, '@'}
	cmdChinese  = []byte{0x1c, '&'} // characters of two bytes are GBK
	cmdLatin    = []byte{0x1c, '.'}
	cmdMiddle   = []byte{0x1b, 'a', 1}
	cmdLeft     = []byte{0x1b, 'a', 0}
	cmdCut      = []byte{0x1d, 'V', 'B', 0} // feeds to the knife first
	cmdKick     = []byte{0x1b, 'p', 0, 0x19, 0x19, 0x1b, 'p', 1, 0x19, 0x19}
	cmdQRModel  = []byte{0x1d, '(', 'k', 4, 0, '1', 'A', '2', 0}
	cmdQRSize   = []byte{0x1d, '(', 'k', 3, 0, '1', 'C'}
	cmdQRLevelM = []byte{0x1d, '(', 'k', 3, 0, '1', 'E', '1'}
	cmdQRPrint  = []byte{0x1d, '(', 'k', 3, 0, '1', 'Q', '0'}
	cmdProof    = []byte{0x1d, 'r', 1} // answered when everything before it is done
)

const (
	dotsPerColumn = 12
	qrDots        = 6   // of a module; a code of version 4 is then about 25 mm wide
	maxQR         = 300 // bytes: beyond them the modules get too small for a phone
	maxBarcode    = 40
	sliceRows     = 255 // of a raster; printers with little memory take no more
	maxPicture    = 2000
)

// Paper says how a document is rendered.
type Paper struct {
	Columns   int  // receipt.Narrow or receipt.Wide; 0 is Narrow
	PictureQR bool // the printer cannot make QR codes: they are sent as pictures
}

// Render makes the bytes of a document. It never fails: what a printer has no
// way to show is printed as text.
func Render(doc receipt.Doc, p Paper) []byte {
	if p.Columns == 0 {
		p.Columns = receipt.Narrow
	}
	r := renderer{paper: p}
	r.add(cmdInit, cmdChinese)
	for _, row := range doc.Rows(p.Columns) {
		r.row(row)
	}
	r.add(cmdLatin)
	return r.out
}

type renderer struct {
	paper Paper
	out   []byte
}

func (r *renderer) add(parts ...[]byte) {
	for _, p := range parts {
		r.out = append(r.out, p...)
	}
}

func (r *renderer) row(row receipt.Row) {
	switch it := row.Item.(type) {
	case nil:
		r.text(row)
	case receipt.QR:
		r.qr(it.Data)
	case receipt.Barcode:
		r.barcode(it.Data)
	case receipt.Picture:
		if it.Image != nil {
			r.picture(it.Image)
		}
	case receipt.Feed:
		r.add([]byte{0x1b, 'd', byte(min(max(it.Rows, 0), 255))})
	case receipt.Cut:
		r.add(cmdCut)
	case receipt.Kick:
		r.add(cmdKick)
	}
}

// text sets and resets the looks of a row, so that a row lost on the way leaves
// the next ones as they should be.
func (r *renderer) text(row receipt.Row) {
	if row.Bold {
		r.add([]byte{0x1b, 'E', 1})
	}
	if row.Big {
		r.add([]byte{0x1d, '!', 0x11})
	}
	r.add(gbk(strings.TrimRight(row.Text, " ")), []byte{'\n'})
	if row.Big {
		r.add([]byte{0x1d, '!', 0})
	}
	if row.Bold {
		r.add([]byte{0x1b, 'E', 0})
	}
}

// plain prints what could not be printed otherwise.
func (r *renderer) plain(s string) {
	for _, row := range (receipt.Doc{receipt.Text{Text: s}}).Rows(r.paper.Columns) {
		r.text(row)
	}
}

func (r *renderer) qr(data string) {
	if data == "" {
		return
	}
	if len(data) > maxQR {
		r.plain(data)
		return
	}
	if r.paper.PictureQR {
		code, err := qrcode.New(data, qrcode.Medium)
		if err != nil {
			r.plain(data)
			return
		}
		r.picture(code.Image(-qrDots))
		return
	}
	n := len(data) + 3
	r.add(cmdMiddle, cmdQRModel, cmdQRSize, []byte{qrDots}, cmdQRLevelM)
	r.add([]byte{0x1d, '(', 'k', byte(n), byte(n >> 8), '1', 'P', '0'}, []byte(data))
	r.add(cmdQRPrint, cmdLeft)
}

// barcode prints Code 128, set B.
func (r *renderer) barcode(data string) {
	if data == "" || len(data) > maxBarcode || strings.ContainsFunc(data, func(c rune) bool { return c < ' ' || c > '~' }) {
		r.plain(data)
		return
	}
	data = "{B" + strings.ReplaceAll(data, "{", "{{")
	r.add(cmdMiddle, []byte{0x1d, 'h', 60, 0x1d, 'w', 2, 0x1d, 'H', 2, 0x1d, 'k', 73, byte(len(data))}, []byte(data), cmdLeft)
}

// picture sends a raster. It is put in the middle by blank dots: many printers
// leave a raster where it is, whatever alignment is set.
func (r *renderer) picture(img image.Image) {
	width := r.paper.Columns * dotsPerColumn
	b := img.Bounds()
	if b.Dx() <= 0 || b.Dy() <= 0 {
		return
	}
	shrink := max((b.Dx()+width-1)/width, (b.Dy()+maxPicture-1)/maxPicture, 1)
	w, h := b.Dx()/shrink, b.Dy()/shrink
	left := (width - w) / 2
	stride := (width + 7) / 8
	for top := 0; top < h; top += sliceRows {
		rows := min(h-top, sliceRows)
		bits := make([]byte, stride*rows)
		for y := range rows {
			for x := range w {
				if dark(img, b.Min.X+x*shrink, b.Min.Y+(top+y)*shrink) {
					bits[y*stride+(left+x)/8] |= 0x80 >> ((left + x) % 8)
				}
			}
		}
		r.add([]byte{0x1d, 'v', '0', 0, byte(stride), byte(stride >> 8), byte(rows), byte(rows >> 8)}, bits)
	}
}

// dark reports whether a point is nearer to black than to the paper, which shows
// through where nothing is drawn.
func dark(img image.Image, x, y int) bool {
	r, g, b, a := img.At(x, y).RGBA()
	const white = 0xffff
	light := (299*(r+white-a) + 587*(g+white-a) + 114*(b+white-a)) / 1000
	return light < white/2
}
