package signers

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// strong are the hashes that an OpenPGP signature may rest on.
var strong = map[crypto.Hash]bool{
	crypto.SHA256: true, crypto.SHA384: true, crypto.SHA512: true, crypto.SHA3_256: true, crypto.SHA3_512: true,
}

// verifyOpenPGP answers by whom an OpenPGP signature is.
func (s *Signers) verifyOpenPGP(payload []byte, armored string, at time.Time) (string, error) {
	block, err := armor.Decode(strings.NewReader(armored))
	if err != nil || block.Type != openpgp.SignatureType {
		return "", errors.New("its OpenPGP signature cannot be read")
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(block.Body); err != nil {
		return "", fmt.Errorf("its OpenPGP signature cannot be read: %w", err)
	}
	print := issuerOf(body.Bytes())
	config := &packet.Config{Time: func() time.Time { return at }}
	signature, signer, err := openpgp.VerifyDetachedSignature(s.keys, bytes.NewReader(payload), &body, config)
	switch {
	case errors.Is(err, pgperrors.ErrUnknownIssuer):
		return "", fmt.Errorf("it is signed by the OpenPGP key %s, which is not listed", print)
	case errors.Is(err, pgperrors.ErrKeyExpired), errors.Is(err, pgperrors.ErrSignatureExpired), errors.Is(err, pgperrors.ErrKeyRevoked):
		return "", fmt.Errorf("it is signed by the OpenPGP key %s, which was not good for that at %s: %w", print, at.Format(time.RFC3339), err)
	case err != nil:
		return "", fmt.Errorf("its signature by the OpenPGP key %s does not fit it (%w): it was changed after it was signed", print, err)
	case !strong[signature.Hash]:
		return "", fmt.Errorf("its signature by the OpenPGP key %s rests on %v, which is too weak; sign with SHA-256 or better", print, signature.Hash)
	case signature.SigType != packet.SigTypeBinary && signature.SigType != packet.SigTypeText:
		return "", fmt.Errorf("its signature by the OpenPGP key %s is not one of a document", print)
	}
	name := "OpenPGP key"
	if identity := signer.PrimaryIdentity(); identity != nil {
		name = identity.Name
	}
	return name + ", " + print, nil
}

// issuerOf is the fingerprint of a signature's key, or its id where it tells no more.
func issuerOf(signature []byte) string {
	read, err := packet.NewReader(bytes.NewReader(signature)).Next()
	one, ok := read.(*packet.Signature)
	switch {
	case err != nil || !ok:
		return "that it does not name"
	case len(one.IssuerFingerprint) > 0:
		return strings.ToUpper(hex.EncodeToString(one.IssuerFingerprint))
	case one.IssuerKeyId != nil:
		return fmt.Sprintf("%016X", *one.IssuerKeyId)
	default:
		return "that it does not name"
	}
}
