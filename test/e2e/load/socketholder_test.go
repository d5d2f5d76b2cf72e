package load

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
)

func TestASocketThatIsCutIsAFailureAndOneThatIsClosedIsNot(t *testing.T) {
	tests := []struct {
		name   string
		end    func(*websocket.Conn)
		want   map[Failure]int
		closed int
	}{
		{"cut", func(conn *websocket.Conn) { _ = conn.CloseNow() }, map[Failure]int{Cut: 1}, 0},
		{"closed with 1001", func(conn *websocket.Conn) { _ = conn.Close(websocket.StatusGoingAway, "") }, map[Failure]int{}, 1},
		{"closed with 1011", func(conn *websocket.Conn) { _ = conn.Close(websocket.StatusInternalError, "") }, map[Failure]int{Cut: 1}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var messages atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := websocket.Accept(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				ctx := context.WithoutCancel(r.Context())
				if err := conn.Write(ctx, websocket.MessageText, []byte(`{"service":"orders","version":"1","instance":"a"}`)); err != nil {
					t.Error(err)
				}
				for {
					kind, message, err := conn.Read(ctx)
					if err != nil {
						return
					}
					if messages.Add(1) == 7 {
						test.end(conn)
						return
					}
					if conn.Write(ctx, kind, message) != nil {
						return
					}
				}
			}))
			defer server.Close()
			report := run(t, Job{Target: Target{Address: server.Listener.Addr().String(), Service: "orders"}, Client: Socket})
			if !maps.Equal(report.Failures, test.want) || report.ClosedByApp != test.closed || report.Good != 19 {
				t.Errorf("got\n%s, closed %d", report, report.ClosedByApp)
			}
		})
	}
}
