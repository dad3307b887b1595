# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hardening, each flag probed.  Not in sanitizer builds: FORTIFY blinds the
# address sanitizer.
include(CheckCCompilerFlag)
if(VIRT_ATTEST_SANITIZE)
  add_compile_options(-fsanitize=${VIRT_ATTEST_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${VIRT_ATTEST_SANITIZE})
  return()
endif()
foreach(flag -fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full -ftrivial-auto-var-init=zero -fno-strict-overflow
    -fno-delete-null-pointer-checks)
  string(MAKE_C_IDENTIFIER "HAS${flag}" has)
  check_c_compiler_flag(${flag} ${has})
  if(${has})
    add_compile_options(${flag})
  endif()
endforeach()
add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
  $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
