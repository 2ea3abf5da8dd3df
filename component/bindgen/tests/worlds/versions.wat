;; Adds what it gets from two versions of an interface.
(component
  (import "a:b/i@0.1.0" (instance $old
    (export "r" (type $r (sub resource)))
    (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))
    (export "make" (func (result (own $r))))))
  (import "a:b/i@0.2.0" (instance $new
    (export "r" (type $r (sub resource)))
    (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))
    (export "make" (func (result (own $r))))))
  (core func $old-make (canon lower (func $old "make")))
  (core func $old-get (canon lower (func $old "[method]r.get")))
  (core func $new-make (canon lower (func $new "make")))
  (core func $new-get (canon lower (func $new "[method]r.get")))
  (core module $both
    (import "old" "make" (func $old-make (result i32)))
    (import "old" "get" (func $old-get (param i32) (result i32)))
    (import "new" "make" (func $new-make (result i32)))
    (import "new" "get" (func $new-get (param i32) (result i32)))
    (func (export "run") (result i32)
      (i32.add (call $old-get (call $old-make)) (call $new-get (call $new-make)))))
  (core instance $both (instantiate $both
    (with "old" (instance (export "make" (func $old-make)) (export "get" (func $old-get))))
    (with "new" (instance (export "make" (func $new-make)) (export "get" (func $new-get))))))
  (func (export "run") (result u32) (canon lift (core func $both "run"))))
