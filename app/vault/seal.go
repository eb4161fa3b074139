package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"

	"cashier/services/fault"
)

// Sealer is the till's own key at work; it is made on first use, which is why
// only the process that holds the data folder's lock may ask.
func (v *Vault) Sealer() (*Sealer, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	text, err := v.backend.get(deviceKey)
	if errors.Is(err, errAbsent) {
		text, err = v.backend.add(deviceKey, base64.StdEncoding.EncodeToString(raw))
	}
	if err != nil {
		return nil, err
	}
	return newSealer(text)
}

// Mark is the fingerprint of the till's own key, "" where none was made yet.
// It tells keys apart and says nothing about them.
func (v *Vault) Mark() (string, error) {
	text, err := v.backend.get(deviceKey)
	if errors.Is(err, errAbsent) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	s, err := newSealer(text)
	if err != nil {
		return "", err
	}
	return s.Mark(), nil
}

// Sealer digests codes and encrypts card numbers.
type Sealer struct {
	mac    []byte
	pepper []byte
	aead   cipher.AEAD
	mark   string
}

func newSealer(text string) (*Sealer, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, fault.New(fault.Credentials, "vault.bad_key", "The till's own key in the vault is damaged; restore the vault from a backup.")
	}
	mac, err := hkdf.Key(sha256.New, raw, nil, "cashier digest", 32)
	if err != nil {
		return nil, err
	}
	enc, err := hkdf.Key(sha256.New, raw, nil, "cashier seal", 32)
	if err != nil {
		return nil, err
	}
	pepper, err := hkdf.Key(sha256.New, raw, nil, "cashier pin pepper", 32)
	if err != nil {
		return nil, err
	}
	mark, err := hkdf.Key(sha256.New, raw, nil, "cashier mark", 8)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{mac: mac, pepper: pepper, aead: aead, mark: hex.EncodeToString(mark)}, nil
}

// Mark is the fingerprint of the key: 16 hexadecimal digits.
func (s *Sealer) Mark() string { return s.mark }

// Digest is a keyed hash: equal codes give equal digests, and nobody without
// the key can try codes against it.
func (s *Sealer) Digest(code string) string {
	h := hmac.New(sha256.New, s.mac)
	_, _ = io.WriteString(h, code)
	return hex.EncodeToString(h.Sum(nil))
}

// Pepper goes into every PIN before it is hashed, so that the books alone do not
// let anybody try PINs.
func (s *Sealer) Pepper() []byte { return bytes.Clone(s.pepper) }

// Seal encrypts.
func (s *Sealer) Seal(plain string) (string, error) {
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(plain), nil)), nil
}

// Unseal decrypts what Seal made.
func (s *Sealer) Unseal(sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = s.aead.Open(nil, nil, raw, nil)
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Credentials, "vault.unseal", "A card number kept by this till cannot be read with the key in its vault; restore the vault that belongs to this ledger.")
	}
	return string(raw), nil
}
