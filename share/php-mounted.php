<?php
// Corrects where a mounted app sends a browser, and for which paths its cookies are, when the headers of the answer are complete.
// What has the prefix already is left as it is. For the other types nginx does the same.
(static function (string $prefix): void {
    $below = static fn (string $path): string => preg_match("~^$prefix(?:[/?#]|$)~D", $path) ? $path : $prefix . $path;
    header_register_callback(static function () use ($below): void {
        $host = preg_quote($_SERVER['HTTP_HOST'] ?? '', '~');
        $rules = [
            "~^(Location: *|Refresh:[^;]*; *url=)((?:https?:)?//$host(?=/|$)|(?=/))(/(?!/).*)?$~iD" =>
                static fn (array $found): string => $found[1] . $found[2] . $below($found[3] ?? ''),
            '~^(Set-Cookie:[^;]*; *(?:.*; *)?path=)(/[^;]*)~i' =>
                static fn (array $found): string => $found[1] . ($found[2] === '/' ? rtrim($below('/'), '/') : $below($found[2])),
        ];
        $old = headers_list();
        $new = array_map(static fn (string $line): string => (string) preg_replace_callback_array($rules, $line), $old);
        if ($new === $old) {
            return;
        }
        $status = http_response_code();
        header_remove('Set-Cookie');
        foreach ($new as $number => $line) {
            $isCookie = strncasecmp($line, 'Set-Cookie:', 11) === 0;
            if ($isCookie || $line !== $old[$number]) {
                header($line, !$isCookie, is_int($status) ? $status : 0);
            }
        }
    });
})($_SERVER['MFSERV_PREFIX']);
