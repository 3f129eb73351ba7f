<?php
// What test/system/types/types.test.ts asks of an application; the query says what.
$wanted = $_SERVER['QUERY_STRING'];
if ($wanted === 'slow') sleep(30);
if ($wanted === 'fail') throw new Exception('the sky is missing');
if ($wanted === 'hold') {
  $data = getenv('MFSERV_CURRENT_PLUGIN_DATA_DIR');
  touch("$data/inside");
  while (!file_exists("$data/release")) {
    usleep(10000);
    clearstatcache();
  }
  echo 'released';
} elseif ($wanted === 'size') {
  echo strlen(file_get_contents('php://input'));
} else {
  echo 'edited';
}
