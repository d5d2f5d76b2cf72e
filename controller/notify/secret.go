package notify

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// secretIn is what a file holds, without the white space around it.
func secretIn(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return "", fmt.Errorf("%s is empty", path)
	}
	if bytes.ContainsAny(content, "\r\n") {
		return "", fmt.Errorf("%s has more than one line", path)
	}
	return string(content), nil
}

// sign is the proof that a receiver can check with the same secret: as GitHub signs its webhooks.
func sign(secret, body string) string {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(sum.Sum(nil))
}

// hush takes secrets out of a text that people get to see.
func hush(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "(secret)")
		}
	}
	return text
}
