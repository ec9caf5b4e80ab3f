exec("from library.plu" + "gin import NAME")
