// Verifies a webhook of Hookline, with nothing but the standard library.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const tolerance = 5 * time.Minute

// keyOf decodes whsec_<base64>; any other secret is its bytes.
func keyOf(secret string) []byte {
	if encoded := strings.TrimPrefix(secret, "whsec_"); encoded != secret && encoded != "" {
		if key, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			return key
		}
	}
	return []byte(secret)
}

func sign(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Signed holds what r.Header.Get gives for webhook-id, webhook-timestamp and webhook-signature.
type Signed struct{ ID, Timestamp, Signature string }

// VerifyStandard checks Standard Webhooks v1. The body is the bytes as they came.
func VerifyStandard(secret string, signed Signed, body []byte) bool {
	seconds, err := strconv.ParseUint(signed.Timestamp, 10, 32)
	if err != nil || signed.ID == "" || strings.Contains(signed.ID, ".") {
		return false
	}
	if time.Since(time.Unix(int64(seconds), 0)).Abs() > tolerance {
		return false
	}
	digest := sign(keyOf(secret), []byte(signed.ID+"."+signed.Timestamp+"."), body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(digest))
	for _, given := range strings.Split(signed.Signature, " ") {
		if hmac.Equal([]byte(given), expected) {
			return true
		}
	}
	return false
}

// VerifyHex checks X-Webhook-Signature of format cdhosting; its key are the secret's characters as shown.
func VerifyHex(secret, signature string, body []byte) bool {
	expected := hex.EncodeToString(sign([]byte(secret), body))
	return hmac.Equal([]byte(signature), []byte(expected))
}

func main() {
	secret := os.Getenv("WEBHOOK_SECRET")
	body, err := io.ReadAll(os.Stdin)
	good := err == nil && secret != ""
	switch {
	case len(os.Args) == 3 && os.Args[1] == "hex":
		good = good && VerifyHex(secret, os.Args[2], body)
	case len(os.Args) == 5 && os.Args[1] == "standard":
		signed := Signed{ID: os.Args[2], Timestamp: os.Args[3], Signature: os.Args[4]}
		good = good && VerifyStandard(secret, signed, body)
	default:
		good = false
	}
	if !good {
		fmt.Println("bad")
		os.Exit(1)
	}
	fmt.Println("good")
}
