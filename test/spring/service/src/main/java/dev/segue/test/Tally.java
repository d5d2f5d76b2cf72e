package dev.segue.test;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Counts what was asked, and what was asked before the service was ready. Times are in milliseconds, 0 for never. */
@Component
public class Tally {
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger dark = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger warmups = new AtomicInteger();
    private final AtomicLong first = new AtomicLong();
    private final AtomicLong ready = new AtomicLong();

    @EventListener
    void ready(ApplicationReadyEvent event) {
        ready.compareAndSet(0, System.currentTimeMillis());
    }

    void warmedUp() {
        warmups.incrementAndGet();
    }

    <T> T count(Callable<T> answer) {
        requests.incrementAndGet();
        open.incrementAndGet();
        if (ready.get() == 0) {
            dark.incrementAndGet();
        }
        first.compareAndSet(0, System.currentTimeMillis());
        try {
            return answer.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            open.decrementAndGet();
        }
    }

    Map<String, Object> read() {
        Map<String, Object> stats = new HashMap<>();
        stats.put("requests", requests.get());
        stats.put("darkRequests", dark.get());
        stats.put("open", open.get());
        stats.put("warmups", warmups.get());
        stats.put("firstMillis", first.get());
        stats.put("readyMillis", ready.get());
        return stats;
    }
}
