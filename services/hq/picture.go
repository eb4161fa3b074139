package hq

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// maxPicture is the largest picture accepted: 2 MiB.
const maxPicture = 2 << 20

// Picture fetches a product picture. pathOrURL is what Product.Images holds: a
// path below HQ's host or a URL there or at one of Params.PictureOrigins. The
// content type is found from the bytes, not believed: image/jpeg, image/png,
// image/gif or image/webp. Other hosts than HQ's own must resolve to public
// addresses, and see neither cookie nor header of ours.
//
// Faults: Invalid (an address that may not be asked), Unreachable, Contract
// (too large, not a picture).
func (c *Client) Picture(ctx context.Context, pathOrURL string) (body []byte, contentType string, err error) {
	target, own, err := c.pictureURL(pathOrURL)
	if err != nil {
		return nil, "", err
	}
	client, header := c.outside, http.Header{}
	if own {
		client, header = c.read, c.p.header()
	}
	reply, err := client.Get(ctx, target, header)
	if err != nil {
		return nil, "", err
	}
	if err := service.Status(wire.Reads, reply.Status); err != nil {
		return nil, "", err
	}
	if len(reply.Body) > maxPicture {
		return nil, "", service.Fault(fault.Contract, "picture_size",
			"The picture is larger than 2 MB. Replace it at HQ by a smaller one.", nil)
	}
	switch kind := http.DetectContentType(reply.Body); kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return reply.Body, kind, nil
	}
	return nil, "", service.Fault(fault.Contract, "picture_kind",
		"What HQ names as a picture is none. Replace it at HQ by a JPEG or PNG.", nil)
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
