package dev.segue.test;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;

/** Sends what is asked of NAME.test to the service NAME, wherever Eureka says that it is. It never tries again. */
@SpringBootApplication
public class GatewayApplication {
    public static void main(String[] args) {
        SpringApplication.run(GatewayApplication.class, args);
    }

    @Bean
    RouteLocator routes(RouteLocatorBuilder builder, @Value("${services}") List<String> services) {
        RouteLocatorBuilder.Builder routes = builder.routes();
        for (String service : services) {
            routes.route(service, route -> route.host(service + ".test").uri("lb://" + service));
        }
        return routes.build();
    }
}
