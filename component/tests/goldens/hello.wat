;; What a toolchain makes of a small program: interfaces with resources, one module, lowered imports, a lifted export.
(component
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $stream (sub resource)))
    (export "[method]output-stream.write" (func
      (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error string)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream (type $outer))
    (export "output-stream" (type $stream (eq $outer)))
    (export "get-stdout" (func (result (own $stream))))))

  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.write") (memory (core memory $mem)) (realloc (core func $realloc))))
  (core func $drop (canon resource.drop $stream))
  (core module $main
    (import "stdout" "get" (func (result i32)))
    (import "stdout" "write" (func (param i32 i32 i32 i32)))
    (import "env" "memory" (memory 1))
    (import "stdout" "drop" (func (param i32)))
    (func (export "run") (result i32) (i32.const 0))
    (func (export "greet") (param i32 i32) (result i32) (unreachable))
    (func (export "done") (param i32)))
  (core instance $main (instantiate $main
    (with "env" (instance $memory))
    (with "stdout" (instance
      (export "drop" (func $drop))
      (export "get" (func $get))
      (export "write" (func $write))))))

  (type $run (func (result (result))))
  (alias core export $main "run" (core func $run))
  (func $run (type $run) (canon lift (core func $run)))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli))

  (alias core export $main "greet" (core func $greet))
  (alias core export $main "done" (core func $done))
  (type $greeting' (record (field "text" string) (field "lang" char)))
  (export $greeting "greeting" (type $greeting'))
  (func $greet (param "name" string) (result $greeting)
    (canon lift (core func $greet) (memory (core memory $mem)) (realloc (core func $realloc))
      (post-return (core func $done)) string-encoding=utf16))
  (export "greet" (func $greet)))
