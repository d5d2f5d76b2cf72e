package load

import (
	"bytes"
	"fmt"
	"hash/crc32"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// answerStream answers a stream as the sample service would.
func answerStream(framer *http2.Framer, id uint32, path string, body []byte) error {
	fields := [][2]string{{":status", "200"}, {"x-service", "orders"}, {"x-version", "1"}}
	if path == "/echo" {
		fields = append(fields, [2]string{"x-body-sum", fmt.Sprintf("%08x", crc32.ChecksumIEEE(body))})
	} else {
		body = []byte(`{"service":"orders","version":"1"}`)
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0)
	for _, field := range fields {
		if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			return err
		}
	}
	if err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true}); err != nil {
		return err
	}
	return framer.WriteData(id, true, body)
}
