package pictures

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"time"

	"golang.org/x/image/draw"
)

// key names a picture: the SHA-256 of whose it is and its reference.
type key [sha256.Size]byte

// record is what the folder keeps of one picture.
//
// On disk: "CPT1", the first 16 bytes of the SHA-256 of all that follows; the
// key, when it was fetched (unix ms, 8 bytes, big endian), tries (1 byte), ETag
// and Last-Modified (each a length of 2 bytes and the text), and the thumbnail
// as JPEG, or as PNG where it is not opaque; nothing where there is no picture.
type record struct {
	key     key
	fetched time.Time
	tries   uint8 // how often it was asked for and there was none
	valid   Validator
	thumb   []byte
}

const (
	magic     = "CPT1"
	sumSize   = 16
	mostValid = 512 // of an ETag; a longer one is not kept
	quality   = 88
)

var errDamaged = errors.New("pictures: the file is damaged")

func (r record) none() bool { return len(r.thumb) == 0 }

func (r record) encode() []byte {
	b := make([]byte, len(magic)+sumSize, 128+len(r.thumb))
	copy(b, magic)
	b = append(b, r.key[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.fetched.UnixMilli()))
	b = append(b, r.tries)
	for _, s := range []string{r.valid.ETag, r.valid.Modified} {
		if len(s) > mostValid {
			s = ""
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
	}
	b = append(b, r.thumb...)
	sum := sha256.Sum256(b[len(magic)+sumSize:])
	copy(b[len(magic):], sum[:sumSize])
	return b
}

// decodeRecord reads what encode wrote, and nothing else: one changed bit, a
// missing end or another picture's name is errDamaged.
func decodeRecord(b []byte, want key) (record, error) {
	body := b[min(len(b), len(magic)+sumSize):]
	sum := sha256.Sum256(body)
	if !bytes.HasPrefix(b, []byte(magic)) || len(body) < len(want)+9 ||
		!bytes.Equal(b[len(magic):len(magic)+sumSize], sum[:sumSize]) || !bytes.HasPrefix(body, want[:]) {
		return record{}, errDamaged
	}
	body = body[len(want):]
	r := record{key: want, fetched: time.UnixMilli(int64(binary.BigEndian.Uint64(body))), tries: body[8]}
	body = body[9:]
	for _, s := range []*string{&r.valid.ETag, &r.valid.Modified} {
		if len(body) < 2 || len(body) < 2+int(binary.BigEndian.Uint16(body)) {
			return record{}, errDamaged
		}
		n := 2 + int(binary.BigEndian.Uint16(body))
		*s, body = string(body[2:n]), body[n:]
	}
	r.thumb = body
	return r, nil
}

// pack makes a thumbnail small for the disk.
func pack(thumb *image.RGBA) ([]byte, error) {
	var b bytes.Buffer
	if thumb.Opaque() {
		err := jpeg.Encode(&b, thumb, &jpeg.Options{Quality: quality})
		return b.Bytes(), err
	}
	err := png.Encode(&b, thumb)
	return b.Bytes(), err
}

// unpack is pack undone.
func unpack(packed []byte) (*image.RGBA, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(packed))
	if err != nil || c.Width > Side || c.Height > Side {
		return nil, errDamaged
	}
	m, _, err := image.Decode(bytes.NewReader(packed))
	if err != nil {
		return nil, errDamaged
	}
	if rgba, ok := m.(*image.RGBA); ok {
		return rgba, nil
	}
	to := image.NewRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(to, to.Rect, m, m.Bounds().Min, draw.Src)
	return to, nil
}
