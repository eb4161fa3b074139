package pictures

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// zeros is a PNG of 30,000 × 30,000 pixels in 110 kB.
var zeros = sync.OnceValue(func() []byte { return rawPNG(30_000, 30_000, 1, 0, 0) })

// rawPNG writes a PNG by hand, of zeros, without ever holding its pixels: depth
// bits per sample of a colour type, interlaced or not.
func rawPNG(w, h int, depth, kind, interlace byte) []byte {
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 6: 4}[kind]
	rows := [][2]int{{w, h}}
	if interlace == 1 {
		rows = nil
		for _, p := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			rows = append(rows, [2]int{(w - p[0] + p[2] - 1) / p[2], (h - p[1] + p[3] - 1) / p[3]})
		}
	}
	var idat bytes.Buffer
	z, _ := zlib.NewWriterLevel(&idat, zlib.BestCompression)
	for _, r := range rows {
		if r[0] == 0 {
			continue
		}
		line := make([]byte, 1+(r[0]*samples*int(depth)+7)/8)
		for range r[1] {
			_, _ = z.Write(line)
		}
	}
	_ = z.Close()
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(name string, body []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(body)))
		body = append([]byte(name), body...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk("IHDR", append(head, depth, kind, 0, 0, interlace))
	if kind == 3 {
		chunk("PLTE", make([]byte, 768))
	}
	chunk("IDAT", idat.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

// jpegOf writes a JPEG by hand: its frame, and scans times a scan of the DC
// values that says that all of them are zero. With progressive set the frame is
// one that keeps its coefficients.
func jpegOf(w, h int, sampling []byte, progressive bool, scans int) []byte {
	var b bytes.Buffer
	segment := func(marker byte, body ...byte) {
		b.Write([]byte{0xff, marker})
		_ = binary.Write(&b, binary.BigEndian, uint16(2+len(body)))
		b.Write(body)
	}
	b.Write([]byte{0xff, 0xd8})
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(sampling))}
	for i, hv := range sampling {
		frame = append(frame, byte(i+1), hv, 0)
	}
	marker := byte(0xc0)
	if progressive {
		marker = 0xc2
	}
	segment(marker, frame...)
	// One code, "0", for the value 0 of DC, and for end-of-block of AC.
	segment(0xc4, append([]byte{0x00, 1}, make([]byte, 16)...)...)
	segment(0xc4, append([]byte{0x10, 1}, make([]byte, 16)...)...)
	mcu, most := 0, 1
	for _, hv := range sampling {
		size := int(hv>>4) * int(hv&15)
		mcu, most = mcu+size, max(most, size)
	}
	bits := (w*h/64/most + w + h) * mcu // at least as many as there are blocks
	if !progressive {
		bits *= 2
	}
	for range scans {
		if progressive {
			segment(0xda, append(append([]byte{byte(len(sampling))}, pairs(len(sampling))...), 0, 0, 0)...)
		} else {
			segment(0xda, append(append([]byte{byte(len(sampling))}, pairs(len(sampling))...), 0, 63, 0)...)
		}
		b.Write(make([]byte, bits/8+1))
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

// eobBomb is a progressive JPEG whose scans order a pass over all blocks in
// nine bytes of header and a few of data: CPU for nothing.
func eobBomb(w, h, scans int) []byte {
	raw := jpegOf(w, h, []byte{0x11}, true, 1)
	b := bytes.NewBuffer(raw[:len(raw)-2])
	// A table whose only code, "0", is EOB14: 2^14 blocks and more are skipped.
	b.Write([]byte{0xff, 0xc4, 0, 20, 0x10, 1})
	b.Write(make([]byte, 15))
	b.WriteByte(0xe0)
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	for range scans {
		b.Write([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0})
		b.Write(make([]byte, 2*(blocks>>14)+4))
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

func pairs(n int) []byte {
	var p []byte
	for i := range n {
		p = append(p, byte(i+1), 0)
	}
	return p
}

// webpOf wraps chunks into a RIFF container.
func webpOf(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunkOf(name string, body []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// lossless is the head of a lossless WebP of w by h, followed by size bytes.
func lossless(w, h, size int) []byte {
	bits := uint32(w-1) | uint32(h-1)<<14
	head := append([]byte{0x2f}, binary.LittleEndian.AppendUint32(nil, bits)...)
	return append(head, make([]byte, size)...)
}
