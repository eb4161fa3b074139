package pictures

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
)

// head is what a picture says of itself before anything of it is decoded.
type head struct {
	width, height int
	cost          int // bytes that decoding takes, at most
	turned        int // EXIF's orientation; 0 or 1: it stands upright
}

var errKind = errors.New("pictures: not a JPEG, PNG, GIF or WebP")

// inspect bounds what decoding will take. The costs per pixel are those of the
// decoders of the standard library and of golang.org/x/image.
func inspect(raw []byte) (head, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return head{}, err
	}
	h := head{width: c.Width, height: c.Height}
	if h.width <= 0 || h.height <= 0 || h.width > maxSide || h.height > maxSide || h.width*h.height > maxPixels {
		return head{}, errLarge
	}
	pixels := h.width * h.height
	switch format {
	case "jpeg":
		h.cost, h.turned = inspectJPEG(raw, pixels)
	case "png":
		h.cost = pixels * bytesOf(c.ColorModel)
		if len(raw) > 28 && raw[28] != 0 {
			h.cost *= 2 // interlaced: each pass is a picture of its own
		}
	case "gif":
		h.cost = 2 * pixels
	case "webp":
		h.cost = costOfWebP(raw, pixels)
	default:
		return head{}, errKind
	}
	if h.cost > maxCost {
		return head{}, errLarge
	}
	return h, nil
}

func bytesOf(m color.Model) int {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel:
		return 4
	}
	return 1 // a palette
}

// inspectJPEG walks the markers up to the first scan. A progressive JPEG keeps
// four bytes of coefficients beside each sample; three colours may have to be
// turned into RGB, four into CMYK and back.
func inspectJPEG(raw []byte, pixels int) (cost, turned int) {
	const (
		exif, scan  = 0xe1, 0xda
		progressive = 0xc2
	)
	cost = maxCost + 1 // unless a frame is found
	for at := 2; at+4 <= len(raw); {
		if raw[at] != 0xff {
			at++
			continue
		}
		marker := raw[at+1]
		if marker == 0xff || marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 {
			at++ // fill bytes, and markers without a body
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
		if end > len(raw) || marker == scan {
			break
		}
		body := raw[at+4 : max(at+4, end)]
		switch {
		case marker == exif && turned == 0:
			turned = orientation(body)
		case marker >= 0xc0 && marker <= progressive:
			perSample := 1
			if marker == progressive {
				perSample = 5
			}
			cost = costOfFrame(body, pixels, perSample)
		}
		at = max(end, at+2)
	}
	return cost, turned
}

func costOfFrame(body []byte, pixels, perSample int) int {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return maxCost + 1
	}
	n, samples, most := int(body[5]), 0, 1
	for i := range n {
		hv := int(body[7+3*i])
		size := (hv >> 4) * (hv & 15)
		samples, most = samples+size, max(most, size)
	}
	if n == 1 {
		samples, most = 1, 1 // one component is sampled once, whatever it says
	}
	cost := pixels * samples * perSample / most
	switch n {
	case 3:
		cost += 4 * pixels
	case 4:
		cost += 8 * pixels
	}
	return cost
}

// orientation is tag 0x0112 of the first directory of an EXIF segment, 0 where
// there is none.
func orientation(body []byte) int {
	tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	for rest := tiff[at+2:]; entries > 0 && len(rest) >= 12; entries, rest = entries-1, rest[12:] {
		if order.Uint16(rest) == 0x0112 {
			return int(order.Uint16(rest[8:]))
		}
	}
	return 0
}

// costOfWebP counts what is lossless twelve bytes a pixel, and for each of its
// bytes 256: so much a code table of 2,600 can be blown up to.
func costOfWebP(raw []byte, pixels int) int {
	cost := 3 * pixels
	for at := 12; at+8 <= len(raw); {
		size := int64(binary.LittleEndian.Uint32(raw[at+4:]))
		switch string(raw[at : at+4]) {
		case "VP8L", "ALPH":
			cost += 12*pixels + 256*int(min(size, int64(len(raw))))
		}
		next := int64(at) + 8 + size + size&1
		if next > int64(len(raw)) {
			break
		}
		at = int(next)
	}
	return cost
}
