// Command app is an instance for the tests of the Docker driver.
//
//	app serve [PORT]     answer HTTP; end with code 0 on SIGTERM or SIGUSR1
//	app stubborn         answer HTTP; hear SIGTERM and stay
//	app exit CODE        say so and exit
//	app print WORDS      print them
//	app cat FILE         print the file and its mode
//	app env NAME         print the variable
//	app spill BYTES      print so many
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	args := append(os.Args[1:], "", "")
	switch args[0] {
	case "serve", "stubborn":
		serve(args[0] == "stubborn")
	case "exit":
		fmt.Println("last words of", args[1])
		code, _ := strconv.Atoi(args[1])
		os.Exit(code)
	case "print":
		fmt.Println(strings.Join(os.Args[2:], " "))
	case "cat":
		info, err := os.Stat(args[1])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		content, err := os.ReadFile(args[1])
		fmt.Printf("%s %o %v\n", content, info.Mode().Perm(), err)
	case "env":
		fmt.Println(os.Getenv(args[1]))
	case "spill":
		n, _ := strconv.Atoi(args[1])
		fmt.Print(strings.Repeat("x", n))
	}
}

func serve(stubborn bool) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked for", r.URL.Path)
		fmt.Fprintln(w, "ok")
	})
	go func() { panic(http.ListenAndServe(":8080", nil)) }()
	fmt.Println("serving")
	for s := range signals {
		fmt.Println("signal", s)
		if !stubborn {
			return
		}
	}
}
