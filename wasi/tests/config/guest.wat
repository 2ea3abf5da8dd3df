;; Hands on what `wasi:config/store` says: `get`, where nothing is "(nothing)", and `get-all`.
(component
  (import "wasi:config/store@0.2.0-rc.1" (instance $store
    (type $variant (variant (case "upstream" string) (case "io" string)))
    (export "error" (type $error (eq $variant)))
    (export "get" (func (param "key" string) (result (result (option string) (error $error)))))
    (export "get-all" (func (result (result (list (tuple string string)) (error $error)))))))

  (core module $Memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    ;; Never frees; every size is rounded up to words.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 3)) (i32.const -4)))))
  (core instance $memory (instantiate $Memory))
  (core func $get (canon lower (func $store "get")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $get-all (canon lower (func $store "get-all")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))

  (core module $Core
    (import "memory" "memory" (memory 1))
    (import "store" "get" (func $get (param i32 i32 i32)))
    (import "store" "get-all" (func $get-all (param i32)))
    (data (i32.const 64) "\48\00\00\00\09\00\00\00(nothing)")
    (func $check (if (i32.load8_u (i32.const 16)) (then unreachable)))
    (func (export "get") (param i32 i32) (result i32)
      (call $get (local.get 0) (local.get 1) (i32.const 16))
      (call $check)
      (select (i32.const 24) (i32.const 64) (i32.load8_u (i32.const 20))))
    (func (export "get-all") (result i32)
      (call $get-all (i32.const 16))
      (call $check)
      (i32.const 20)))
  (core instance $core (instantiate $Core
    (with "memory" (instance $memory))
    (with "store" (instance (export "get" (func $get)) (export "get-all" (func $get-all))))))

  (func (export "get") (param "key" string) (result string)
    (canon lift (core func $core "get")
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (func (export "get-all") (result (list (tuple string string)))
    (canon lift (core func $core "get-all") (memory (core memory $memory "memory")))))
