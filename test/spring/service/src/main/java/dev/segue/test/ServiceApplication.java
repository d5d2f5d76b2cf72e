package dev.segue.test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A service as there are many: it registers itself with Eureka, and says UP there before it is ready. */
@SpringBootApplication
public class ServiceApplication {
    public static void main(String[] args) {
        SpringApplication.run(ServiceApplication.class, args);
    }

    /** What a service does once its web server listens and Eureka has heard of it: fill caches, ask the database. */
    @Bean
    ApplicationRunner prepare(@Value("${ready-delay}") long millis) {
        return arguments -> Thread.sleep(millis);
    }
}
