# -m hl
%ip6tables
*filter;INPUT
-m hl --hl-gt 5;ok
-m hl --hl-eq 5;ok
-m hl ! --hl 5;ok;-m hl ! --hl-eq 5
-m hl --hl-lt 5;ok
-m hl;fail;2;HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'
