package dev.segue.test;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Answers what the load generator of test/e2e/load asks, and says in each answer who gave it. */
@RestController
public class ServiceController {
    private final ApplicationContext context;
    private final Tally tally;
    private final String service;
    private final String version;
    private final String instance;

    ServiceController(
            ApplicationContext context,
            Tally tally,
            @Value("${spring.application.name}") String service,
            @Value("${version}") String version,
            @Value("${hostname}") String instance) {
        this.context = context;
        this.tally = tally;
        this.service = service;
        this.version = version;
        this.instance = instance;
    }

    @GetMapping("/")
    ResponseEntity<Object> home() {
        return tally.count(() -> signed().body(identity()));
    }

    @GetMapping("/version")
    ResponseEntity<Object> version() {
        return signed().body(version);
    }

    @GetMapping("/slow")
    ResponseEntity<Object> slow(@RequestParam(name = "ms", defaultValue = "2000") long millis) {
        return tally.count(() -> {
            pause(millis);
            return signed().body(identity());
        });
    }

    @PostMapping("/echo")
    ResponseEntity<byte[]> echo(@RequestBody byte[] body) {
        return tally.count(() -> {
            CRC32 sum = new CRC32();
            sum.update(body);
            return signed()
                    .header("X-Body-Sum", String.format("%08x", sum.getValue()))
                    .contentType(MediaType.TEXT_PLAIN)
                    .body(body);
        });
    }

    @GetMapping("/stream")
    ResponseEntity<StreamingResponseBody> stream(
            @RequestParam(defaultValue = "10") int chunks, @RequestParam(name = "ms", defaultValue = "100") long millis) {
        StreamingResponseBody body = out -> tally.count(() -> {
            for (int i = 0; i < chunks; i++) {
                out.write((i + " " + service + " " + version + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
                pause(millis);
            }
            out.write("end\n".getBytes(StandardCharsets.UTF_8));
            return null;
        });
        return signed().contentType(MediaType.TEXT_PLAIN).body(body);
    }

    /** What a service is asked for to get warm; nobody's request. */
    @PostMapping("/warmup")
    ResponseEntity<Object> warmup(@RequestBody Map<String, Object> sample) {
        tally.warmedUp();
        return signed().body(Map.of("sample", sample.size()));
    }

    /** Has the service refuse traffic, or accept it: {"ready": false}. */
    @PostMapping("/control")
    ResponseEntity<Object> control(@RequestBody Map<String, Boolean> wanted) {
        boolean ready = wanted.getOrDefault("ready", true);
        AvailabilityChangeEvent.publish(context, ready ? ReadinessState.ACCEPTING_TRAFFIC : ReadinessState.REFUSING_TRAFFIC);
        return signed().body(Map.of("ready", ready));
    }

    @GetMapping("/stats")
    ResponseEntity<Object> stats() {
        Map<String, Object> stats = tally.read();
        stats.putAll(identity());
        return signed().body(stats);
    }

    private Map<String, String> identity() {
        return Map.of("service", service, "version", version, "instance", instance);
    }

    private ResponseEntity.BodyBuilder signed() {
        return ResponseEntity.ok().header("X-Service", service).header("X-Version", version).header("X-Instance", instance);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
