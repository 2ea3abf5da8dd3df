;; Crossings with a string of sixteen bytes: guest to host, guest to guest, host to guest. Each export adds up the lengths that it is told.
(component
  (import "length" (func $host-length (param "text" string) (result u32)))

  ;; The guest that is called: it gets the string in a memory of its own.
  (component $Measurer
    (core module $Core
      (memory (export "memory") 1)
      ;; One string at a time.
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "length") (param $pointer i32) (param $length i32) (result i32) (local.get $length)))
    (core instance $core (instantiate $Core))
    (func (export "length") (param "text" string) (result u32)
      (canon lift (core func $core "length") (memory (core memory $core "memory")) (realloc (core func $core "realloc")))))
  (instance $measurer (instantiate $Measurer))

  ;; The guest that calls whatever it is given.
  (component $Caller
    (import "length" (func $length (param "text" string) (result u32)))
    (core module $Memory
      (memory (export "memory") 1)
      (data (i32.const 0) "sixteen letters!"))
    (core instance $memory (instantiate $Memory))
    (core func $lowered (canon lower (func $length) (memory (core memory $memory "memory"))))
    (core module $Core
      (import "to" "length" (func $length (param i32 i32) (result i32)))
      (func (export "sum") (param $times i32) (result i32)
        (local $sum i32)
        (loop $again
          (local.set $sum (i32.add (local.get $sum) (call $length (i32.const 0) (i32.const 16))))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $sum)))
    (core instance $core (instantiate $Core (with "to" (instance (export "length" (func $lowered))))))
    (func (export "sum") (param "times" u32) (result u32) (canon lift (core func $core "sum"))))
  (instance $to-host (instantiate $Caller (with "length" (func $host-length))))
  (instance $to-guest (instantiate $Caller (with "length" (func $measurer "length"))))

  (export "to-host" (func $to-host "sum"))
  (export "to-guest" (func $to-guest "sum"))
  (export "from-host" (func $measurer "length")))
