;; Two components in one: `shout` makes a string louder, `greet` has it do so and hands the result to the host. What there is to a
;; component is in it: an import from the host, strings through two memories, one instance linked with another.
(component $greeter
  (import "log" (func $log (param "message" string)))

  (component $Shout
    (core module $Code
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      ;; Upper case, in place; the result is that string, named by its place and length at address 0.
      (func (export "shout") (param $at i32) (param $length i32) (result i32)
        (local $index i32)
        (local $byte i32)
        (block $done
          (loop $next
            (br_if $done (i32.ge_u (local.get $index) (local.get $length)))
            (local.set $byte (i32.load8_u (i32.add (local.get $at) (local.get $index))))
            (if (i32.le_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 25))
              (then
                (i32.store8
                  (i32.add (local.get $at) (local.get $index))
                  (i32.sub (local.get $byte) (i32.const 32)))))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br $next)))
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $length))
        (i32.const 0)))
    (core instance $code (instantiate $Code))
    (func (export "shout") (param "text" string) (result string)
      (canon lift (core func $code "shout") (memory (core memory $code "memory")) (realloc (core func $code "realloc")))))
  (instance $shout (instantiate $Shout))

  ;; Memory and `realloc` are there before the functions that need them are lowered.
  (core module $Memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $memory (instantiate $Memory))
  (core func $shout (canon lower (func $shout "shout")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $log (canon lower (func $log) (memory (core memory $memory "memory"))))

  (core module $Greet
    (import "memory" "memory" (memory 1))
    (import "host" "shout" (func $shout (param i32 i32 i32)))
    (import "host" "log" (func $log (param i32 i32)))
    (func (export "greet") (param $at i32) (param $length i32) (result i32)
      (call $shout (local.get $at) (local.get $length) (i32.const 0))
      (call $log (i32.load (i32.const 0)) (i32.load (i32.const 4)))
      (i32.load (i32.const 4))))
  (core instance $greet (instantiate $Greet
    (with "memory" (instance $memory))
    (with "host" (instance (export "shout" (func $shout)) (export "log" (func $log))))))
  (func (export "greet") (param "name" string) (result u32)
    (canon lift (core func $greet "greet") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")))))
