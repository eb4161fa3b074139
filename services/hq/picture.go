package hq

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// maxPicture is the largest picture accepted: 2 MiB.
const maxPicture = 2 << 20

// Picture is a product picture, or that it has not changed.
type Picture struct {
	Body []byte
	Kind string // found from the bytes, not believed: image/jpeg, image/png, image/gif or image/webp
	// ETag and Modified (Last-Modified) are the server's, to be given back as they are.
	ETag, Modified string
	Unchanged      bool // there is no Body: it is as it was when ETag and Modified were given
}

// Picture fetches a product picture. pathOrURL is what Product.Images holds: a
// path below HQ's host or a URL there or at one of Params.PictureOrigins. etag
// and modified are those of an earlier answer, "" for none. It is asked once:
// who wants a picture again asks later.
//
// Other hosts than HQ's own see neither cookie nor header of ours. No host may
// turn out to be inside this network once its name is resolved, except HQ's
// own where it is set up by such an address.
//
// Faults: Invalid (an address that may not be asked), Unreachable, Contract
// (too large, not a picture).
func (c *Client) Picture(ctx context.Context, pathOrURL, etag, modified string) (Picture, error) {
	target, own, err := c.pictureURL(pathOrURL)
	if err != nil {
		return Picture{}, err
	}
	client, header := c.outside, http.Header{}
	if own {
		client, header = c.inside, c.p.header()
	}
	if etag != "" {
		header.Set("If-None-Match", etag)
	}
	if modified != "" {
		header.Set("If-Modified-Since", modified)
	}
	reply, err := client.Get(ctx, target, header)
	if fault.CodeOf(err) == service.Code+".too_large" {
		return Picture{}, largePicture()
	}
	if err != nil {
		return Picture{}, err
	}
	p := Picture{Body: reply.Body, ETag: reply.Header.Get("ETag"), Modified: reply.Header.Get("Last-Modified")}
	if reply.Status == http.StatusNotModified && (etag != "" || modified != "") {
		return Picture{ETag: etag, Modified: modified, Unchanged: true}, nil
	}
	if err := service.Status(wire.Reads, reply.Status); err != nil {
		return Picture{}, err
	}
	switch p.Kind = http.DetectContentType(p.Body); p.Kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return p, nil
	}
	return Picture{}, service.Fault(fault.Contract, "picture_kind",
		"What HQ names as a picture is none. Replace it at HQ by a JPEG or PNG.", nil)
}

func largePicture() error {
	return service.Fault(fault.Contract, "picture_size",
		"The picture is larger than 2 MB. Replace it at HQ by a smaller one.", nil)
}

// PictureAllowed is why a picture is never asked for, nil for one that is. It
// asks nobody.
func (c *Client) PictureAllowed(pathOrURL string) error {
	_, _, err := c.pictureURL(pathOrURL)
	return err
}

// forPictures is how pictures are asked for: at most maxPicture bytes of any
// kind, once, and in no hurry.
func forPictures(reads wire.ReadParams, publicOnly bool) wire.ReadParams {
	reads.PublicOnly, reads.MaxBody, reads.Raw, reads.Attempts = publicOnly, maxPicture, true, 1
	reads.Stumbled = nil
	return reads
}

// foreign is how other hosts than HQ's are asked.
func foreign(reads wire.ReadParams) wire.ReadParams {
	reads.Jar = nil
	return forPictures(reads, true)
}

// insideName reports a host that is inside a network by what it is called: a
// private address itself, or a name that no public server may have (RFC 6762,
// RFC 8375, and the names without a dot).
func insideName(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal", ".home.arpa", ".lan"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// pictureURL resolves the address and says whether it is at HQ's own origin.
func (c *Client) pictureURL(pathOrURL string) (target string, own bool, err error) {
	ref, err := url.Parse(strings.ReplaceAll(strings.TrimSpace(pathOrURL), `\`, "/"))
	if err != nil || ref.String() == "" {
		return "", false, badPicture()
	}
	u := c.base.URL().ResolveReference(ref)
	if err := service.Check(u.String(), c.p.AllowInsecure); err != nil {
		return "", false, err
	}
	address, err := wire.ParseAddress(service, u.Scheme+"://"+u.Host, c.p.AllowInsecure)
	if err != nil {
		return "", false, err
	}
	own = address.Origin() == c.base.Origin()
	if !own && !c.origins[address.Origin()] {
		return "", false, badPicture()
	}
	return u.String(), own, nil
}

func badPicture() error {
	return service.Fault(fault.Invalid, "picture_address",
		"The picture lies at an address that is not allowed. Add its host to the picture hosts in Settings if it is yours.", nil)
}

func pictureOrigins(p Params) (map[string]bool, error) {
	origins := make(map[string]bool, len(p.PictureOrigins))
	for _, raw := range p.PictureOrigins {
		a, err := wire.ParseAddress(service, raw, p.AllowInsecure)
		if err != nil {
			return nil, err
		}
		origins[a.Origin()] = true
	}
	return origins, nil
}
